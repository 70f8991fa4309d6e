import { bytesToHex } from '@noble/hashes/utils.js'
import { beforeAll, describe, expect, it } from 'vitest'
import type { GetStorageRanges } from '../../src/snap/SnapMessage.ts'
import type { SnapHandler } from '../../src/snap/server/serveSnap.ts'
import { readJournal } from '../../src/sync/journal/Journal.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { capped } from '../support/peers/handlers.ts'
import { servedItems } from '../support/peers/servedItems.ts'
import { servedStates } from '../support/peers/servedStates.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import {
  crowdedSlots,
  hashOf,
  plainAccounts,
  type Slots,
  slotsOf,
  stateOf,
} from '../support/sync/accounts.ts'
import type { StateTruth } from '../support/sync/StateTruth.ts'
import { SyncFixture } from '../support/sync/SyncFixture.ts'

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

const LARGE = crowdedSlots(1, 800)
const of = (slots: Slots, balance = 1n) =>
  stateOf({ ...plainAccounts(20, balance), '6-large': { slots } })
const first = of(LARGE)
/** Half of the chunks have a slot that changed. */
const second = of(LARGE.map(([slot, value]) => [slot, (slot[0]! >> 4) % 2 ? value : value + 1n]))
/** Other accounts, the same contract. */
const elsewhere = of(LARGE, 2n)

function bench(peers: number, backend?: SyncFixture['backend']): SyncFixture {
  const handler = capped(servedStates(first, second, elsewhere), 600)
  const names = Array.from({ length: peers }, (_, index) => [`peer-${index}`, handler] as const)
  const options = backend === undefined ? {} : { backend }
  return new SyncFixture({ verifier, peers: new TestPeers(Object.fromEntries(names)), ...options })
}

/** What was asked of the contract's chunks: the first origin of each, by its limit. */
function origins(run: SyncFixture): Map<string, string> {
  const found = new Map<string, string>()
  for (const { origin, limit } of run.peers.asked('GetStorageRanges')) {
    if (origin.length === 0) continue
    const chunk = bytesToHex(limit)
    if (!found.has(chunk)) found.set(chunk, bytesToHex(origin))
  }
  return found
}

/** What the journal says of the contract's chunks: where each continues, by its end. */
async function cursors(run: SyncFixture): Promise<Map<string, string>> {
  const { tasks } = readJournal(await run.store.journal())
  const hash = bytesToHex(hashOf('6-large'))
  const contracts = tasks.flatMap(({ pending, suspended }) => [...pending, ...suspended])
  const contract = contracts.find(({ accountHash }) => bytesToHex(accountHash) === hash)
  return new Map(contract?.chunks?.map(({ next, last }) => [bytesToHex(last), bytesToHex(next)]))
}

const midChunk = (run: SyncFixture, requests: number) =>
  run.interrupt(first, ({ committed }) => {
    return committed?.slots !== undefined && run.peers.asked('GetStorageRanges').length > requests
  })

const isChunk = ({ origin }: GetStorageRanges) => origin.length > 0

describe('a large contract', () => {
  it('is fetched in sixteen chunks side by side, from as many peers', async () => {
    const handler = capped(servedStates(first), 600)
    const waiting = new Set<string>()
    let release: () => void = () => {}
    const allAsked = new Promise<void>((resolve) => {
      release = resolve
    })
    // Nobody answers for a chunk before each chunk was asked for.
    const patient: SnapHandler = async (request) => {
      if (request.kind === 'GetStorageRanges' && isChunk(request)) {
        waiting.add(bytesToHex(request.limit))
        if (waiting.size === 16) release()
        await allAsked
      }
      return handler(request)
    }
    const names = Array.from({ length: 16 }, (_, index) => [`peer-${index}`, patient] as const)
    const run = new SyncFixture({ verifier, peers: new TestPeers(Object.fromEntries(names)) })
    await run.sync(first)
    expect(run.faults).toEqual([])
    expect(origins(run).size).toBe(16)
    await run.expectComplete(first)
  })

  it.each<[string, StateTruth, number]>([
    ['the same root', first, 8],
    ['the same root, later', first, 30],
    ['a root under which it is the same', elsewhere, 30],
    ['a root under which half of its chunks changed', second, 30],
  ])(
    'goes on where each of its chunks was, in a new process, to %s',
    async (_, target, requests) => {
      const run = bench(3)
      await midChunk(run, requests)
      const kept = await cursors(run)
      const { slots } = await run.store.working.totals()
      expect(kept.size).toBeGreaterThan(3)
      expect(slots).toBeGreaterThan(20)
      run.abandon()

      const next = bench(3, run.backend)
      await next.sync(target)
      expect(origins(next)).toEqual(kept)
      const items = servedItems(next.peers.exchanges, verifier).filter(
        (item) => item.indexOf('=') > 64,
      )
      expect(items.length).toBe(LARGE.length - slots)
      await next.expectComplete(target)
    },
  )

  it('goes on where each of its chunks was, over three roots', async () => {
    const run = bench(3)
    await midChunk(run, 20)
    const before = await cursors(run)
    const asked = run.peers.exchanges.length
    await run.interrupt(second, ({ committed }) => {
      return committed?.slots !== undefined && run.peers.exchanges.length > asked + 20
    })
    const after = await cursors(run)
    expect(after.size).toBeGreaterThan(0)
    for (const [chunk, cursor] of after) expect(cursor >= before.get(chunk)!).toBe(true)
    expect([...after]).not.toEqual([...before])
    await run.sync(elsewhere)
    await run.expectComplete(elsewhere)
  })

  it('that has no slots in some of its chunks is proven to have none there', async () => {
    // All but the crowd lies in the first half.
    const low = LARGE.map(([slot, value]) => [slot.with(0, slot[0]! & 0x7f), value] as const)
    const truth = stateOf({ '6-large': { slots: low }, other: { slots: slotsOf(1, 3) } })
    const peers = new TestPeers({ a: capped(servedStates(truth), 600) })
    const run = new SyncFixture({ verifier, peers })
    await run.sync(truth)
    const absent = peers.exchanges.filter(({ request, response }) => {
      if (response?.kind !== 'StorageRanges' || request.kind !== 'GetStorageRanges') return false
      return isChunk(request) && response.slots.length === 0 && response.proof.length > 0
    })
    expect(absent.length).toBeGreaterThanOrEqual(7)
    await run.expectComplete(truth)
  })
})
