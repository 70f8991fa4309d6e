import { keccak_256 } from '@noble/hashes/sha3.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { alwaysHeal } from '../../test/support/heal/alwaysHeal.ts'
import { capped } from '../../test/support/peers/handlers.ts'
import { TestPeers } from '../../test/support/peers/TestPeers.ts'
import { storeWithHooks } from '../../test/support/store/storeWithHooks.ts'
import { feedPool, runSync } from '../../test/support/sync/runSync.ts'
import { StateTruth } from '../../test/support/sync/StateTruth.ts'
import { EMPTY_ROOT } from '../account/emptyHashes.ts'
import { toHex } from '../base/bytes/hex.ts'
import { ChangingState } from '../served/changing/ChangingState.ts'
import { encodeMessage } from '../snap/encodeMessage.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import { MemoryBackend } from '../store/backend/MemoryBackend.ts'
import { openMemoryStore } from '../store/openMemoryStore.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import { JsVerifier } from '../verifier/JsVerifier.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import type { Fault } from './peers/Fault.ts'
import { PeerPool } from './peers/PeerPool.ts'
import type { Progress } from './progress/Progress.ts'
import { ProgressMeter } from './progress/ProgressMeter.ts'
import { Syncer } from './Syncer.ts'

const never = new AbortController().signal
alwaysHeal()

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

/** Peers that all have the whole state and send at most some `bytes` at a time. */
function honest(truth: StateTruth, count: number, bytes = Number.POSITIVE_INFINITY): TestPeers {
  const handler = capped(stateHandler(truth.state.source), bytes)
  return new TestPeers(
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`peer-${index}`, handler])),
  )
}

/** Syncs into an empty store, and compares all of it with the truth. */
async function expectSynced(truth: StateTruth, peers: TestPeers): Promise<void> {
  const store = await openMemoryStore()
  const faults: Fault[] = []
  const onFault = (fault: Fault) => faults.push(fault)
  await runSync({ store, verifier, onFault }, truth.root, peers, never)
  await truth.expectStored(store.completed)
  expect(faults).toEqual([])
}

const SHAPES = {
  'plain accounts only': { seed: 11, accounts: 800, contracts: 0 },
  'many small contracts': { seed: 12, accounts: 700, contracts: 0.9, maxSlots: 3 },
  'few large contracts': { seed: 13, accounts: 60, contracts: 0.5, maxSlots: 4_000 },
  'two codes that all contracts share': { seed: 14, accounts: 400, contracts: 0.5, codes: 2 },
  'a code of its own for nearly every contract': {
    seed: 15,
    accounts: 300,
    contracts: 0.8,
    maxSlots: 2,
    codes: 400,
  },
} as const

describe.each(Object.entries(SHAPES))('a state of %s', (_, shape) => {
  const truth = new StateTruth(syntheticAccounts(shape))

  it.each([
    [1, 'in large answers', Number.POSITIVE_INFINITY],
    [3, 'in large answers', Number.POSITIVE_INFINITY],
    [1, 'in short answers', 3_000],
    [3, 'in short answers', 3_000],
  ])('is stored whole from %i peers %s', async (count, _, bytes) => {
    const peers = honest(truth, count, bytes)
    await expectSynced(truth, peers)
    expect(peers.mostInFlight).toBe(1)
  })
})

describe('Syncer', () => {
  const truth = new StateTruth(syntheticAccounts({ seed: 1, accounts: 600, contracts: 0.2 }))

  it('does the same with the verifier in JavaScript', async () => {
    const store = await openMemoryStore()
    await runSync({ store, verifier: new JsVerifier() }, truth.root, honest(truth, 1), never)
    await truth.expectStored(store.completed)
  })

  it('fetches a contract that is larger than an answer range by range', async () => {
    const storage = Array.from({ length: 3_000 }, (_, index) => {
      return [keccak_256(Uint8Array.of(index >> 8, index)), BigInt(index + 1)] as const
    })
    const [plain] = syntheticAccounts({ seed: 2, accounts: 1, contracts: 0 })
    const large = new StateTruth([{ ...plain!, storage }])
    const peers = honest(large, 2, 5_000)
    await expectSynced(large, peers)
    const origins = peers.asked('GetStorageRanges').map(({ origin }) => toHex(origin))
    expect(origins.length).toBeGreaterThan(10)
    expect(new Set(origins).size).toBe(origins.length)
    expect(origins).toEqual([...origins].sort())
  })

  it('asks for a code once, however many accounts have it', async () => {
    const peers = honest(truth, 3, 2_000)
    await expectSynced(truth, peers)
    const served = peers.exchanges.flatMap(({ response }) => {
      return response?.kind === 'ByteCodes' ? response.codes.map(toHex) : []
    })
    expect(new Set(served).size).toBe(truth.codes.size)
    expect(served.length).toBe(truth.codes.size)
  })

  it('counts what is stored, and the bytes that were received', async () => {
    const store = await openMemoryStore()
    const progress: Progress[] = []
    const onProgress = (now: Progress) => progress.push(now)
    const peers = honest(truth, 2, 3_000)
    await runSync({ store, verifier, onProgress }, truth.root, peers, never)
    const frames = peers.exchanges.map(({ response }) => encodeMessage(response!).length)
    const bytes = frames.reduce((sum, size) => sum + size, 0)
    const { accounts, slots, codes } = truth.state
    const last = { phase: 'complete', fraction: 1, accounts, slots, codes, bytes }
    expect(progress.at(-1)).toMatchObject(last)
    expect(progress[0]).toMatchObject({ phase: 'download', fraction: 0, accounts: 0, bytes: 0 })
    const resumed: Progress[] = []
    const again = { store, verifier, onProgress: (now: Progress) => resumed.push(now) }
    await runSync(again, truth.root, peers, never)
    expect(resumed).toMatchObject([{ ...last, bytes: 0 }])
  })

  it('knows the empty state without asking anybody', async () => {
    const store = await openMemoryStore()
    const empty = new StateTruth([])
    expect(empty.state.stateRoot).toBe(EMPTY_ROOT)
    const peers = new TestPeers({ idle: () => expect.fail('nobody should be asked') })
    await runSync({ store, verifier }, empty.root, peers, never)
    await empty.expectStored(store.completed)
  })

  it('ends an empty state that an earlier run only began', async () => {
    const store = await openMemoryStore()
    const empty = new StateTruth([])
    let commits = 0
    const dying = storeWithHooks(store, async (_, commit) => {
      if (++commits > 1) throw new Error('out of power')
      await commit()
    })
    const first = runSync({ store: dying, verifier }, empty.root, new TestPeers(), never)
    await expect(first).rejects.toThrow('out of power')
    await runSync({ store, verifier }, empty.root, new TestPeers(), never)
    await empty.expectStored(store.completed)
  })

  it.each([
    ['a plain account', 0],
    ['a contract', 1],
  ])('syncs a state of one account: %s', async (_, contracts) => {
    const one = new StateTruth(syntheticAccounts({ seed: 3, accounts: 1, contracts }))
    await expectSynced(one, honest(one, 1))
  })

  it('does nothing for a root that is complete, and asks nobody', async () => {
    const backend = new MemoryBackend()
    const first = await openMemoryStore(backend)
    await runSync({ store: first, verifier }, truth.root, honest(truth, 1), never)
    const store = await openMemoryStore(backend)
    const before = await store.journal()
    const peers = honest(truth, 1)
    await runSync({ store, verifier }, truth.root, peers, never)
    expect(peers.exchanges).toEqual([])
    expect(await store.journal()).toEqual(before)
    await truth.expectStored(store.completed)
  })

  it('heals the state of another root into the one that is wanted', async () => {
    const store = await openMemoryStore()
    const faults: Fault[] = []
    const options = { store, verifier, onFault: (fault: Fault) => faults.push(fault) }
    await runSync(options, truth.root, honest(truth, 1), never)
    const other = new StateTruth(syntheticAccounts({ seed: 4, accounts: 300, contracts: 0.3 }))
    await runSync(options, other.root, honest(other, 1), never)
    await other.expectStored(store.completed, { formerCodes: true })
    expect(faults).toEqual([])
  })

  it('checks all of a state that is fetched anew after the store was emptied', async () => {
    const store = await openMemoryStore()
    let damaging = false
    const damaged = storeWithHooks(store, async (batch, commit) => {
      if (!damaging || batch.slots === undefined) return commit()
      const { slots, removeSlots, ...rest } = batch
      await store.commit(rest)
    })
    const meter = new ProgressMeter(
      () => {},
      () => 0,
    )
    const pool = new PeerPool()
    const { stop } = feedPool(pool, honest(truth, 1))
    const syncer = new Syncer({ store: damaged, verifier, pool, meter })
    await syncer.sync(truth.root, never)
    await store.clear()
    damaging = true
    await expect(syncer.sync(truth.root, never)).rejects.toMatchObject({ code: 'AUDIT' })
    expect(await store.completion()).toBeUndefined()
    damaging = false
    await syncer.sync(truth.root, never)
    await truth.expectStored(store.completed)
    stop()
    pool.close()
  })

  it('does not look again at what was verified before the root moved', async () => {
    const chain = new ChangingState(syntheticAccounts({ seed: 6, accounts: 200 }), {
      ...{ seed: 6, changes: { accounts: [40, 50] } },
    })
    const peers = new TestPeers({ honest: stateHandler(chain.source) })
    const inner = await openMemoryStore()
    let looked = 0
    const working = {
      ...{ accounts: inner.working.accounts.bind(inner.working) },
      getAccount(hash: Uint8Array) {
        looked++
        return inner.working.getAccount(hash)
      },
    }
    const store = new Proxy(inner, {
      get(target, name) {
        if (name === 'working') return new Proxy(target.working, { get: look })
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    function look(view: object, name: string): unknown {
      const value: unknown = Reflect.get({ ...working }, name) ?? Reflect.get(view, name)
      return typeof value === 'function' ? value.bind(view) : value
    }
    let controller = new AbortController()
    let stopAt = 2
    const meter = new ProgressMeter(
      () => {},
      () => 0,
    )
    const pool = new PeerPool()
    const { stop } = feedPool(pool, peers)
    const syncer = new Syncer({ store, verifier, pool, meter })
    await syncer.sync(chain.head.stateRoot, never)

    const { stateRoot } = chain.advance()
    const update = meter.update.bind(meter)
    meter.update = (change, now) => {
      update(change, now)
      if (meter.progress.phase === 'verify' && meter.progress.fraction >= stopAt) controller.abort()
    }
    stopAt = 0.5
    await expect(syncer.sync(stateRoot, controller.signal)).rejects.toMatchObject({
      code: 'SYNC_CANCELLED',
    })
    const first = looked
    expect(first).toBeGreaterThan(10)
    controller = new AbortController()
    stopAt = 2
    looked = 0
    await syncer.sync(stateRoot, controller.signal)
    expect(looked).toBeLessThanOrEqual(first)
    expect(looked + first).toBeLessThanOrEqual(51)
    await new StateTruth(chain.entriesAt(stateRoot)).expectStored(inner.completed, {
      formerCodes: true,
    })
    stop()
    pool.close()
  })

  it('replaces the state of a root that was only begun', async () => {
    const store = await openMemoryStore()
    const controller = new AbortController()
    const options = { store, verifier, onProgress: () => controller.abort() }
    const begun = runSync(options, truth.root, honest(truth, 1, 2_000), controller.signal)
    await expect(begun).rejects.toMatchObject({ code: 'SYNC_CANCELLED' })
    const other = new StateTruth(syntheticAccounts({ seed: 5, accounts: 200 }))
    await runSync({ store, verifier }, other.root, honest(other, 1), never)
    await other.expectStored(store.completed, { formerCodes: true })
  })
})
