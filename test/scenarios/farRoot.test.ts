import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../src/base/bytes/hex.ts'
import { packLeaves } from '../../src/leaves/packLeaves.ts'
import { MemoryBackend } from '../../src/store/backend/MemoryBackend.ts'
import type { StoreBackend } from '../../src/store/backend/StoreBackend.ts'
import { PagedStore } from '../../src/store/PagedStore.ts'
import { HEAL_LIMIT } from '../../src/sync/heal/choice/isFar.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { capped } from '../support/peers/handlers.ts'
import { servedStates } from '../support/peers/servedStates.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import {
  codeOf,
  hashOf,
  plainAccounts,
  type Sketches,
  slotsOf,
  stateOf,
} from '../support/sync/accounts.ts'
import type { StateTruth } from '../support/sync/StateTruth.ts'
import { SyncFixture } from '../support/sync/SyncFixture.ts'

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

const { share } = HEAL_LIMIT
afterEach(() => {
  HEAL_LIMIT.share = share
})

const ACCOUNTS = 5_000
const CONTRACTS: Sketches = Object.fromEntries(
  Array.from({ length: 40 }, (_, index) => [
    `contract ${index}`,
    { slots: slotsOf(100 + index, 1 + (index % 20)), code: codeOf(index % 3) },
  ]),
)
const BASE: Sketches = { ...plainAccounts(ACCOUNTS), ...CONTRACTS }
const base = stateOf(BASE)
/** The state after a part of its plain accounts have changed, and a contract. */
const changed = (part: number, balance = 9n) =>
  stateOf({
    ...BASE,
    ...plainAccounts(ACCOUNTS * part, balance),
    'contract 7': { slots: slotsOf(Number(balance), 30) },
  })
const half = changed(0.5)
const all = changed(1)
const next = changed(0.5, 11n)

function bench(
  states: readonly StateTruth[],
  backend: StoreBackend = new MemoryBackend(),
): SyncFixture {
  const honest = capped(servedStates(...states), 20_000)
  return new SyncFixture({ verifier, backend, peers: new TestPeers({ a: honest, b: honest }) })
}

/** What came since the last call. */
function came({ peers }: SyncFixture) {
  const counts = { nodes: 0, accounts: 0, slots: 0, cost: 0 }
  for (const { response } of peers.exchanges.splice(0)) {
    if (response?.kind === 'TrieNodes') counts.nodes += response.nodes.length
    if (response?.kind === 'AccountRange') counts.accounts += response.accounts.count
    if (response?.kind !== 'StorageRanges') continue
    for (const { count } of response.slots) counts.slots += count
  }
  // A node takes as long as 30 leaves: see `HEAL_LIMIT`.
  counts.cost = 30 * counts.nodes + counts.accounts + counts.slots
  return counts
}

/** Syncs from one state to another. */
async function moved(from: StateTruth, to: StateTruth): Promise<ReturnType<typeof came>> {
  const run = bench([from, to])
  await run.sync(from)
  came(run)
  await run.sync(to)
  await run.expectComplete(to)
  return came(run)
}

describe('a root that moved', () => {
  it.each([
    ['nothing', 0, base, base, 'heals'],
    ['a few accounts', 3, base, changed(3 / ACCOUNTS), 'heals'],
    ['2 %', 100, base, changed(0.02), 'downloads'],
    ['10 %', 500, base, changed(0.1), 'downloads'],
    ['50 %', 2_500, base, half, 'downloads'],
    ['everything', 5_000, base, all, 'downloads'],
  ] as const)('costs no more than the cheaper way: %s differs', async (_, count, from, to, way) => {
    const mine = await moved(from, to)
    HEAL_LIMIT.share = Number.POSITIVE_INFINITY
    const healed = await moved(from, to)
    HEAL_LIMIT.share = 0
    // A sixteenth that is equal settles it, without a look at the limit: then at least all accounts
    // would come.
    const downloaded = count < 100 ? { cost: ACCOUNTS } : await moved(from, to)
    expect(healed.accounts).toBe(0)
    expect(mine.accounts > 0).toBe(way === 'downloads')
    expect(mine.cost).toBeLessThanOrEqual(1.2 * Math.min(healed.cost, downloaded.cost))
  })

  it('asks for storage only of contracts that changed', async () => {
    const { slots, accounts } = await moved(base, all)
    expect(accounts).toBeGreaterThanOrEqual(ACCOUNTS)
    expect(slots).toBe(30)
  })

  it('leaves the last complete state to readers until the next is whole', async () => {
    const run = bench([base, half])
    await run.sync(base)
    const reader = new PagedStore(run.backend)
    let looked = 0
    await run.interrupt(half, ({ phase, committed }) => {
      return phase === 'download' && committed?.accounts !== undefined && ++looked === 10
    })
    await base.expectStored(reader.completed, { formerCodes: true })
    expect(toHex((await reader.completion())!.root)).toBe(toHex(base.root))
    await run.sync(half)
    await run.expectComplete(half)
  })

  it('resumes after a restart, wherever that comes, in the way that was chosen', async () => {
    const whole = (await moved(base, half)).cost
    for (let commits = 1; ; commits += 9) {
      const run = bench([base, half])
      await run.sync(base)
      came(run)
      let seen = 0
      const stop = run.interrupt(half, ({ committed }) => !!committed && ++seen === commits)
      const ended = await stop.then(
        () => false,
        () => true,
      )
      const spent = came(run).cost
      run.abandon()
      if (ended) break
      const again = bench([base, half], run.backend)
      await again.sync(half)
      const { cost } = came(again)
      // Twice at most: what was in flight, and the survey.
      expect(spent + cost, `after ${commits} commits`).toBeLessThan(1.2 * whole + 30 * 2 * 20)
      await again.expectComplete(half)
    }
  })

  it('keeps what was downloaded when it moves a little in the midst', async () => {
    const little = stateOf({
      ...BASE,
      ...plainAccounts(ACCOUNTS / 2, 9n),
      ...plainAccounts(5, 12n),
      'contract 7': { slots: slotsOf(9, 30) },
    })
    const run = bench([base, half, little])
    await run.sync(base)
    came(run)
    let accounts = 0
    await run.interrupt(half, ({ committed }) => {
      accounts += committed?.accounts?.count ?? 0
      return accounts > 0.6 * ACCOUNTS
    })
    came(run)
    await run.sync(little)
    expect(came(run).accounts).toBeLessThan(0.8 * ACCOUNTS)
    await run.expectComplete(little)
  })

  it('begins anew when it moves far in the midst, and in the midst of a first download', async () => {
    for (const completed of [true, false]) {
      const run = bench([base, half, next])
      if (completed) await run.sync(base)
      let accounts = 0
      await run.interrupt(half, ({ committed }) => {
        accounts += committed?.accounts?.count ?? 0
        return accounts > 0.6 * ACCOUNTS
      })
      came(run)
      await run.sync(next)
      const { nodes, accounts: again } = came(run)
      expect(again).toBeGreaterThanOrEqual(ACCOUNTS)
      expect(nodes).toBeLessThan(60)
      await run.expectComplete(next)
    }
  })

  it('fetches storage that had not come before it moved, also where the next root has the same', async () => {
    const first = stateOf({ ...plainAccounts(100), ...CONTRACTS })
    const second = stateOf({ ...plainAccounts(100), ...plainAccounts(3, 9n), ...CONTRACTS })
    const run = bench([first, second])
    await run.interrupt(first, ({ asked }) => asked?.kind === 'GetStorageRanges')
    const { accounts, slots } = await run.store.working.totals()
    expect([accounts > 0, slots]).toEqual([true, 0])
    await run.sync(second)
    await run.expectComplete(second)
  })

  it('fetches a chunk anew, and all of its storage, when the record of its task is damaged', async () => {
    const storage = Object.entries(CONTRACTS).map(([name], index) => {
      return [name, { slots: slotsOf(200 + index, 5) }] as const
    })
    const target = stateOf({
      ...BASE,
      ...plainAccounts(ACCOUNTS, 9n),
      ...Object.fromEntries(storage),
    })
    const run = bench([base, target])
    await run.sync(base)
    let contracts = 0
    // Accounts are stored by then whose storage is not.
    await run.interrupt(target, ({ phase, asked }) => {
      if (phase !== 'download' || asked?.kind !== 'GetStorageRanges') return false
      contracts += asked.accounts.length
      return contracts > 10
    })
    const journal = new Map(
      [...(await run.store.journal())].flatMap(([name, record]) => {
        return name.startsWith('task/') ? [[name, record.subarray(0, -1)] as const] : []
      }),
    )
    expect(journal.size).toBe(16)
    await run.store.commit({ journal })
    await run.sync(target)
    expect(run.faults.map(({ code }) => code)).toEqual(Array(16).fill('JOURNAL'))
    await run.expectComplete(target)
  })

  it('verifies everything when it has downloaded: a slot of a contract that was not asked for', async () => {
    const run = bench([base, half])
    await run.sync(base)
    const [[slot]] = slotsOf(105, 1) as [[Uint8Array, bigint]]
    const key = Uint8Array.of(...hashOf('contract 5'), ...slot)
    await run.store.commit({ slots: packLeaves([[key, Uint8Array.of(1)]], 64) })
    await expect(run.sync(half)).rejects.toMatchObject({ code: 'AUDIT' })
    await run.sync(half)
    await run.expectComplete(half)
  })
})

describe('one huge contract', () => {
  const SLOTS = 6_000
  const withContract = (slots: ReturnType<typeof slotsOf>) =>
    stateOf({ ...plainAccounts(300), '7-huge': { slots }, '8-copy': { slots } })
  const before = slotsOf(1, SLOTS)
  const touched = before.map(([slot, value], index) => [slot, index < 4 ? 7n : value] as const)
  const [first, few, other] = [before, touched, slotsOf(2, SLOTS)].map(withContract)
  const none = stateOf(plainAccounts(300))

  it('of which a few slots changed is healed', async () => {
    const { nodes, slots } = await moved(first!, few!)
    expect(slots).toBe(0)
    expect(nodes).toBeLessThan(100)
  })

  it.each([
    ['all slots changed', first!],
    ['is new', none],
  ])('of which %s is downloaded, and nothing else', async (_, from) => {
    const { nodes, slots, accounts } = await moved(from, other!)
    expect(slots).toBeGreaterThanOrEqual(SLOTS)
    expect(slots).toBeLessThan(2.1 * SLOTS)
    expect(nodes).toBeLessThan(900)
    expect(accounts).toBe(0)
  })

  it('whose download is broken off goes on, and is right under yet another root', async () => {
    for (const target of [other!, few!]) {
      const run = bench([first!, few!, other!])
      await run.sync(first!)
      let slots = 0
      await run.interrupt(other!, ({ committed }) => {
        slots += committed?.slots?.count ?? 0
        return slots > SLOTS / 2
      })
      run.abandon()
      const again = bench([first!, few!, other!], run.backend)
      await again.sync(target)
      await again.expectComplete(target)
    }
  })
})
