import { hexToBytes } from '@noble/hashes/utils.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { packLeaves } from '../../src/leaves/packLeaves.ts'
import { MemoryBackend } from '../../src/store/backend/MemoryBackend.ts'
import type { StoreBackend } from '../../src/store/backend/StoreBackend.ts'
import { PagedStore } from '../../src/store/PagedStore.ts'
import type { StoreBatch } from '../../src/store/StateStore.ts'
import type { Progress } from '../../src/sync/progress/Progress.ts'
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

const BEFORE: Sketches = {
  ...plainAccounts(40),
  contract: { slots: slotsOf(1, 20), code: codeOf(1) },
  other: { slots: slotsOf(3, 20) },
}
const before = stateOf(BEFORE)
const after = stateOf({
  ...BEFORE,
  ...plainAccounts(2, 9n),
  contract: { slots: slotsOf(1, 22), code: codeOf(2) },
})

/**
 * Something else than what was proven, in an account, a slot or a code that the state under the
 * last root has.
 */
function damages({ accounts }: StateTruth): [string, StoreBatch][] {
  const hash = hashOf('plain 1')
  const contract = hashOf('contract')
  const [[slot]] = slotsOf(1, 1) as [[Uint8Array, bigint]]
  const slotKey = Uint8Array.of(...contract, ...slot)
  const other = accounts.get(Buffer.from(contract).toString('hex'))!
  return [
    ['an account is another', { accounts: packLeaves([[hash, hexToBytes(other)]]) }],
    ['an account is gone', { removeAccounts: [{ first: hash, last: hash }] }],
    ['a slot has another value', { slots: packLeaves([[slotKey, Uint8Array.of(1)]], 64) }],
    ['a slot is gone', { removeSlots: [{ first: slotKey, last: slotKey }] }],
  ]
}

/**
 * A sync whose database is changed behind it, by another store, when everything is written and the
 * end is about to be verified.
 */
function bench(
  damage: StoreBatch,
  backend: StoreBackend = new MemoryBackend(),
): { run: SyncFixture; damageNext: () => void } {
  const behind = new PagedStore(backend)
  let armed = false
  const peers = new TestPeers({ a: capped(servedStates(before, after), 2_000) })
  const onProgress = ({ phase }: Progress) => {
    if (!armed || phase !== 'verify') return
    armed = false
    void behind.commit(damage)
  }
  const run = new SyncFixture({ verifier, backend, peers, onProgress })
  const damageNext = () => {
    armed = true
  }
  return { run, damageNext }
}

/** Nothing is complete, nothing is left, and the next sync begins anew. */
async function expectFound(run: SyncFixture, sync: () => Promise<void>): Promise<void> {
  await expect(sync()).rejects.toMatchObject({ code: 'AUDIT' })
  expect(await run.store.completion()).toBeUndefined()
  expect(run.events.some(({ phase }) => phase === 'complete')).toBe(false)
}

describe('what is changed behind a sync', () => {
  it.each(damages(before))('is found after a download: %s', async (_, damage) => {
    const { run, damageNext } = bench(damage)
    damageNext()
    await expectFound(run, () => run.sync(before))
    await run.sync(before)
    await run.expectComplete(before)
  })

  it.each(damages(after))('is found after a heal: %s', async (_, damage) => {
    const { run, damageNext } = bench(damage)
    await run.sync(before)
    run.events.length = 0
    damageNext()
    await expectFound(run, () => run.sync(after))
    await run.sync(after)
    await run.expectComplete(after)
  })

  it.each(damages(after).filter(([what]) => /slot|code/.test(what)))(
    'is found after a heal that was broken off when all was healed and nothing verified: %s',
    async (_, damage) => {
      const { run } = bench(damage)
      await run.sync(before)
      await run.interrupt(after, ({ phase }) => phase === 'verify')
      run.events.length = 0
      await new PagedStore(run.backend).commit(damage)
      // The accounts above it are those of the root, so that the resumed heal finds nothing to
      // do.
      await expectFound(run, () => run.sync(after))
      await run.sync(after)
      await run.expectComplete(after)
    },
  )

  it('is found in what a heal did not touch when the journal is damaged: it may not list all that was', async () => {
    const [[slot]] = slotsOf(3, 1) as [[Uint8Array, bigint]]
    const key = Uint8Array.of(...hashOf('other'), ...slot)
    for (const isDamaged of [false, true]) {
      const { run } = bench({})
      await run.sync(before)
      const behind = new PagedStore(run.backend)
      await behind.commit({ slots: packLeaves([[key, Uint8Array.of(1)]], 64) })
      await run.interrupt(after, ({ phase }) => phase === 'verify')
      run.events.length = 0
      if (!isDamaged) {
        await run.sync(after)
        continue
      }
      const records = [...(await run.store.journal())]
      const [name, record] = records.find(([name]) => name !== 'counts')!
      await behind.commit({ journal: new Map([[name, record.subarray(0, -1)]]) })
      await expectFound(run, () => run.sync(after))
    }
  })

  it.each(damages(after))(
    'is found after a heal that went on in a new process: %s',
    async (_, damage) => {
      const { run } = bench(damage)
      await run.sync(before)
      await run.interrupt(after, ({ asked }) => asked !== undefined)
      run.abandon()
      const next = bench(damage, run.backend)
      next.damageNext()
      await expectFound(next.run, () => next.run.sync(after))
      await next.run.sync(after)
      await next.run.expectComplete(after)
    },
  )
})
