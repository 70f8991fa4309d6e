import { beforeAll, describe, expect, it } from 'vitest'
import { capped } from '../../test/support/peers/handlers.ts'
import { quiet } from '../../test/support/peers/quiet.ts'
import { TestPeers } from '../../test/support/peers/TestPeers.ts'
import { storeWithHooks } from '../../test/support/store/storeWithHooks.ts'
import { type RunSyncOptions, runSync } from '../../test/support/sync/runSync.ts'
import { StateTruth } from '../../test/support/sync/StateTruth.ts'
import { virtualClock } from '../../test/support/sync/virtualClock.ts'
import type { FramePipe } from '../pipes/FramePipe.ts'
import type { SnapHandler } from '../snap/server/serveSnap.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import { openMemoryStore } from '../store/openMemoryStore.ts'
import type { StateStore } from '../store/StateStore.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import type { Fault } from './peers/Fault.ts'
import { PeerPool } from './peers/PeerPool.ts'
import { requestLimits } from './peers/requestLimits.ts'

const truth = new StateTruth(
  syntheticAccounts({ seed: 41, accounts: 200, contracts: 0.3, maxSlots: 60, codes: 30 }),
)
const honest = capped(stateHandler(truth.state.source), 1_500)
const nobody: SnapHandler = stateHandler(new StateTruth([]).state.source)
const never = new AbortController().signal
let verifier: Verifier
let store: StateStore
let faults: Fault[]

beforeAll(async () => {
  verifier = await createVerifier()
})

async function sync(
  peers: AsyncIterable<FramePipe>,
  signal = never,
  options: Partial<RunSyncOptions> = {},
): Promise<void> {
  store = await openMemoryStore()
  faults = []
  const onFault = (fault: Fault) => faults.push(fault)
  await runSync({ store, verifier, onFault, ...options }, truth.root, peers, signal)
  await truth.expectStored(store.completed)
}

/** Answers requests of one kind, and has nothing of the others. */
const only = (kind: string): SnapHandler => {
  return (request) => (request.kind === kind ? honest : nobody)(request)
}

describe('Syncer with peers that do not help', () => {
  it('gives up waiting for a peer that never answers, and asks another', async () => {
    const clock = virtualClock()
    const peers = new TestPeers({ silent: () => new Promise(() => {}) })
    let done = false
    const options = { ...clock, requestTimeoutMs: 5_000 }
    const running = sync(peers, never, options).finally(() => (done = true))
    await quiet(peers)
    clock.advance(4_999)
    await quiet(peers)
    expect(faults).toEqual([])
    expect(peers.exchanges.length).toBe(1)
    clock.advance(1)
    await quiet(peers)
    const message = 'peer silent did not answer GetAccountRange within 5000 ms'
    expect(faults).toEqual([{ code: 'REQUEST_TIMEOUT', peer: 'silent', message }])
    peers.join('honest', honest)
    while (!done) {
      await quiet(peers)
      clock.advance(5_000)
    }
    await running
    expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['REQUEST_TIMEOUT']))
    expect(peers.mostInFlight).toBeGreaterThan(0)
    expect(clock.timers.size).toBe(0)
  })

  it('ignores an answer that comes after its time, and keeps the peer', async () => {
    const clock = virtualClock()
    let release: () => void = () => {}
    let calls = 0
    const peers = new TestPeers({
      late: async (request) => {
        if (++calls === 1) await new Promise<void>((resolve) => (release = resolve))
        return honest(request)
      },
    })
    const running = sync(peers, never, { ...clock })
    await quiet(peers)
    clock.advance(20_000)
    release()
    await running
    expect(faults).toMatchObject([{ code: 'REQUEST_TIMEOUT', peer: 'late' }])
  })

  it.each([1, 2, 7, 25])('goes on when a peer leaves in the middle of request %i', async (last) => {
    const peers = new TestPeers()
    let calls = 0
    peers.join('leaver', (request) => {
      if (++calls < last) return honest(request)
      peers.leave('leaver')
      peers.join('stayer', honest)
      return new Promise(() => {})
    })
    await sync(peers)
    expect(faults).toEqual([])
  })

  it('asks a peer without the state once for each kind beside another, and says so', async () => {
    const peers = new TestPeers({ empty: nobody, honest })
    await sync(peers, never, virtualClock())
    const asked = peers.exchanges.filter(({ peer }) => peer === 'empty')
    expect(new Set(asked.map(({ request }) => request.kind)).size).toBe(asked.length)
    expect(faults).toHaveLength(asked.length)
    expect(faults[0]).toEqual({
      code: 'STATE_UNAVAILABLE',
      peer: 'empty',
      message: 'empty has no accounts of this state',
    })
    expect(faults.every(({ code, peer }) => code === 'STATE_UNAVAILABLE' && peer === 'empty')).toBe(
      true,
    )
  })

  it('asks a peer that has nothing later and later, and says so once', async () => {
    const clock = virtualClock()
    const peers = new TestPeers({ empty: nobody })
    const asked: number[] = []
    const running = sync(peers, never, clock)
    for (let second = 0; second < 100; second++) {
      await quiet(peers)
      while (asked.length < peers.exchanges.length) asked.push(second)
      clock.advance(1_000)
    }
    expect(asked).toEqual([0, 1, 3, 7, 15, 31, 61, 91])
    expect(faults.map(({ code }) => code)).toEqual(['STATE_UNAVAILABLE'])
    peers.join('honest', honest)
    await running
    expect(clock.timers.size).toBe(0)
  })

  it('comes back to the only peer, which has nothing for a while', async () => {
    const clock = virtualClock()
    let calls = 0
    const peers = new TestPeers({
      // The second and the third, and, after it served again, the sixth.
      moody: (request) => {
        const empty = request.kind === 'GetByteCodes' && [2, 3, 6].includes(++calls)
        return (empty ? nobody : honest)(request)
      },
    })
    let done = false
    const running = sync(peers, never, clock).finally(() => (done = true))
    for (const [waitMs, asked] of [
      [0, 2],
      [1_000, 3],
      [1_999, 3],
      [1, 6],
      [999, 6],
    ] as const) {
      clock.advance(waitMs)
      await quiet(peers)
      expect([done, peers.asked('GetByteCodes').length]).toEqual([false, asked])
    }
    clock.advance(1)
    await running
    expect(faults.map(({ code }) => code)).toEqual(['STATE_UNAVAILABLE', 'STATE_UNAVAILABLE'])
  })

  it('brings together two peers, each of which has half of the codes', async () => {
    const clock = virtualClock()
    const half =
      (parity: number): SnapHandler =>
      (request) => {
        if (request.kind !== 'GetByteCodes') return honest(request)
        return honest({ ...request, hashes: request.hashes.filter((h) => h[0]! % 2 === parity) })
      }
    const peers = new TestPeers({ even: half(0), odd: half(1) })
    let done = false
    const running = sync(peers, never, clock).finally(() => (done = true))
    for (let seconds = 0; !done && seconds < 120; seconds++) {
      await quiet(peers)
      clock.advance(1_000)
    }
    expect(done).toBe(true)
    await running
  })

  it('brings together what three peers have of one kind each', async () => {
    const peers = new TestPeers({
      accounts: only('GetAccountRange'),
      storage: only('GetStorageRanges'),
      codes: only('GetByteCodes'),
    })
    await sync(peers)
    const given = peers.exchanges.filter(({ request, response }) => {
      if (request.kind === 'GetAccountRange' && response?.kind === 'AccountRange') {
        return response.proof.length > 0
      }
      return false
    })
    expect(new Set(given.map(({ peer }) => peer))).toEqual(new Set(['accounts']))
  })
})

describe('Syncer with peers that come and go', () => {
  it('takes in peers that join in the middle', async () => {
    const peers = new TestPeers()
    let calls = 0
    const handler: SnapHandler = (request) => {
      if (++calls % 10 === 0) peers.join(`peer-${calls}`, handler)
      return honest(request)
    }
    peers.join('first', handler)
    await sync(peers)
    const busy = new Set(peers.exchanges.map(({ peer }) => peer))
    expect(busy.size).toBeGreaterThan(2)
    expect(faults).toEqual([])
  })

  it('has never more than four requests of a kind in flight at a peer', async () => {
    const slow: SnapHandler = async (request) => {
      for (let turns = request.bytes % 5; turns >= 0; turns--) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      return honest(request)
    }
    const peers = new TestPeers({ a: slow, b: slow, c: slow })
    await sync(peers)
    expect(peers.mostInFlight).toBeGreaterThan(1)
    expect(peers.mostInFlight).toBeLessThanOrEqual(requestLimits.accounts.inFlight)
    const shares = ['a', 'b', 'c'].map((name) => {
      return peers.exchanges.filter(({ peer }) => peer === name).length
    })
    expect(Math.min(...shares)).toBeGreaterThan(5)
  })

  it('goes on with the peers it has when no more will come', async () => {
    const peers = new TestPeers({ honest })
    const one = async function* () {
      for await (const pipe of peers) {
        yield pipe
        return
      }
    }
    await sync(one())
  })

  it('closes every connection in the end', async () => {
    const closed: string[] = []
    const pipe = (peer: string): FramePipe => ({
      peer,
      transport: 'memory',
      send: () => {},
      close: () => void closed.push(peer),
      async *[Symbol.asyncIterator]() {},
    })
    const pool = new PeerPool()
    for (const peer of ['early', 'late']) pool.add(pipe(peer))
    expect(pool.size).toBe(2)
    pool.close()
    expect(pool.size).toBe(0)
    await new Promise((resolve) => setImmediate(resolve))
    expect(new Set(closed)).toEqual(new Set(['early', 'late']))
  })
})

describe('Syncer with a slow store', () => {
  it('asks for no more while eight answers wait for the disk', async () => {
    const waiting: (() => void)[] = []
    let open = false
    const inner = await openMemoryStore()
    const slow = storeWithHooks(inner, async (batch, commit) => {
      if (!open && batch.accounts !== undefined) {
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      await commit()
    })
    const peers = new TestPeers({ a: honest, b: honest })
    const running = runSync({ store: slow, verifier }, truth.root, peers, never)
    await quiet(peers)
    // Eight that wait, and what was in flight when the eighth came: at most four ranges of each
    // kind and one request for codes at each peer.
    expect(waiting.length).toBe(1)
    expect(peers.exchanges.length).toBeGreaterThanOrEqual(8)
    expect(peers.exchanges.length).toBeLessThan(8 + 18)
    open = true
    waiting[0]!()
    await running
    await truth.expectStored(inner.completed)
  })
})
