import { keccak_256 } from '@noble/hashes/sha3.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { quiet } from '../../test/support/peers/quiet.ts'
import { SlowLink } from '../../test/support/peers/SlowLink.ts'
import { TestPeers } from '../../test/support/peers/TestPeers.ts'
import { runSync } from '../../test/support/sync/runSync.ts'
import { StateTruth } from '../../test/support/sync/StateTruth.ts'
import { virtualClock } from '../../test/support/sync/virtualClock.ts'
import { SeededRandom } from '../served/changing/SeededRandom.ts'
import type { SnapRequest } from '../snap/SnapMessage.ts'
import type { SnapHandler } from '../snap/server/serveSnap.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import { openMemoryStore } from '../store/openMemoryStore.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import type { Fault } from './peers/Fault.ts'

const SLOTS = 30_000
const random = new SeededRandom(51)
const entries = [...syntheticAccounts({ seed: 51, accounts: 600, contracts: 0 })]
// One contract with about a MiB of slots, and half a MiB of codes.
entries[0]!.storage = Array.from({ length: SLOTS }, (_, slot) => {
  return [keccak_256(Uint8Array.of(slot >> 8, slot)), 1n] as const
})
for (const entry of entries.slice(0, 64)) entry.code = random.bytes(8192)
const truth = new StateTruth(entries)
const honest = stateHandler(truth.state.source)
const never = new AbortController().signal
let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

/** A sync whose time is told to pass, in steps, until it is done. */
function start(handler: SnapHandler, clock = virtualClock()) {
  const peers = new TestPeers({ bridge: handler })
  const faults: Fault[] = []
  let done = false
  const run = async () => {
    const store = await openMemoryStore()
    const onFault = (fault: Fault) => faults.push(fault)
    await runSync({ store, verifier, onFault, ...clock }, truth.root, peers, never)
    await truth.expectStored(store.completed)
  }
  const running = run().finally(() => (done = true))
  const finish = async (withinMs: number) => {
    for (let ms = 0; ms < withinMs && !done; ms += 1_000) {
      await quiet(peers)
      clock.advance(1_000)
    }
    expect(done, `still running; faults: ${faults.map(({ message }) => message)}`).toBe(true)
    await running
  }
  const timeouts = () => faults.filter(({ code }) => code === 'REQUEST_TIMEOUT').length
  return { peers, finish, timeouts, clock }
}

/** What the peer would send if each byte was asked for once, in one request of each kind. */
function wholeState(): number {
  const slots = SLOTS * 36
  return slots + 64 * 8192 + 600 * 64
}

describe('Syncer over a slow link', () => {
  it('asks for no more than can come in time', async () => {
    const clock = virtualClock()
    // 200 KB in the 20 s of a request: 64 KiB of each kind can pass, half a MiB cannot.
    const link = new SlowLink(clock, 10)
    const { finish, timeouts } = start(link.behind(honest), clock)
    await finish(600_000)
    expect(timeouts()).toBeLessThan(5)
    expect(link.sent).toBeLessThan(1.5 * wholeState())
  })

  it('asks for less where a link becomes slow', async () => {
    const clock = virtualClock()
    const link = new SlowLink(clock, 1000)
    const narrowing: SnapHandler = (request) => {
      if (request.kind === 'GetStorageRanges' && request.bytes > 256 * 1024) link.bytesPerMs = 10
      return link.behind(honest)(request)
    }
    const { finish, peers, timeouts } = start(narrowing, clock)
    await finish(600_000)
    const asked = peers.exchanges.map(({ request }) => request.bytes)
    expect(Math.max(...asked)).toBeGreaterThan(256 * 1024)
    expect(timeouts()).toBeGreaterThan(0)
    expect(timeouts()).toBeLessThan(8)
    expect(peers.mostInFlight).toBe(1)
    expect(link.sent).toBeLessThan(2.5 * wholeState())
  })

  it('asks a peer for little at first, and a fast one for half a MiB', async () => {
    const { finish, peers } = start(honest)
    await finish(1_000)
    const bytes = peers.asked('GetAccountRange').map((request) => request.bytes / 1024)
    expect(bytes.slice(0, 6)).toEqual([64, 512, 512, 512, 512, 512])
    const codes = peers.asked('GetByteCodes').map(({ hashes }) => hashes.length)
    expect(codes[0]).toBeLessThanOrEqual(10)
  })

  it('waits for the late answer, or for some time, before it asks again', async () => {
    const held: (() => void)[] = []
    const holding = async (request: SnapRequest) => {
      if (held.length < 2) await new Promise<void>((resolve) => held.push(resolve))
      return honest(request)
    }
    const { clock, peers, finish, timeouts } = start(holding)
    const afterMs = async (ms: number) => {
      clock.advance(ms)
      await quiet(peers)
      return [timeouts(), peers.exchanges.length]
    }
    expect(await afterMs(0)).toEqual([0, 1])
    expect(await afterMs(20_000)).toEqual([1, 1])
    // 64 KiB were asked for, which came in no 20 s; 20 s more are their time.
    expect(await afterMs(19_999)).toEqual([1, 1])
    expect(await afterMs(1)).toEqual([1, 2])
    expect(await afterMs(20_000)).toEqual([2, 2])
    held[1]!()
    await quiet(peers)
    expect(peers.exchanges.length).toBeGreaterThan(2)
    await finish(1_000)
  })
})
