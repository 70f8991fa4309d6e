import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { RequestTimeoutError } from '../../snap/errors.ts'
import { OwedAnswers } from './OwedAnswers.ts'
import { PeerRates } from './PeerRates.ts'
import { RequestTracker } from './RequestTracker.ts'
import type { WorkKind } from './WorkKind.ts'

const KIB = 1024
const STEP_MS = 100

/** What one unit of a request weighs on the link, in bytes. */
const WEIGHTS = { accounts: 1, storage: 1, codes: 6 * KIB, healNodes: 512, healCodes: 6 * KIB }

/**
 * A peer whose answers share a narrow link in the order in which they were asked for; it has all
 * that is asked for.
 */
interface Link {
  bytesPerMs: number
  readonly latencyMs: number
}

/** Peers that are asked without a pause, in virtual time. */
function network() {
  const clock = virtualClock()
  const { now, timers } = clock
  const rates = new PeerRates({ now, timeoutLimitMs: 20_000 })

  function join(link: Link, kinds: readonly WorkKind[]) {
    const rate = rates.add()
    // When the last answer has left the link.
    let busyUntil = 0
    const owed = new OwedAnswers()
    const trackers = kinds.map((kind) => {
      return {
        kind,
        tracker: new RequestTracker({ kind, rate, rates, owed, timers, now, onFree: () => {} }),
        due: 0,
      }
    })
    const seen = { served: 0, timeouts: 0, bytes: 0, doubled: 0 }

    function ask(entry: (typeof trackers)[number]): void {
      const { kind, tracker } = entry
      const amount = tracker.capacity
      // What was asked for before must have left the link.
      if (entry.due > now()) seen.doubled++
      const bytes = amount * WEIGHTS[kind]
      busyUntil = Math.max(busyUntil, now()) + bytes / link.bytesPerMs
      entry.due = busyUntil + 2 * link.latencyMs
      let late = () => {}
      const answered = new Promise<void>((resolve) => (late = resolve))
      const answer = new Promise<number>((resolve, reject) => {
        const timeout = timers.setTimeout(() => {
          reject(new RequestTimeoutError('slow', 'GetAccountRange', tracker.timeoutMs, answered))
        }, tracker.timeoutMs)
        timers.setTimeout(() => {
          timers.clearTimeout(timeout)
          late()
          resolve(amount)
        }, entry.due - now())
      })
      tracker.take(answer)
      answer.then(
        () => {
          seen.served++
          seen.bytes += bytes
          tracker.served(amount)
        },
        () => {
          seen.timeouts++
          tracker.timedOut(answered)
        },
      )
    }

    const askAll = () => {
      for (const entry of trackers) if (entry.tracker.free) ask(entry)
    }
    peers.push(askAll)
    return seen
  }

  const peers: (() => void)[] = []
  async function run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      for (const askAll of peers) askAll()
      clock.advance(STEP_MS)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { join, run, rates }
}

describe('RequestTracker over a link', () => {
  it('never asks for more than comes in time, however slow the link is that can serve', async () => {
    await fc.assert(
      fc.asyncProperty(
        // From 10 KB/s, which carry the least of three kinds in 20 s, to 10 MB/s.
        fc.double({ min: 1, max: 4, noNaN: true }),
        fc.integer({ min: 5, max: 300 }),
        async (magnitude, latencyMs) => {
          const { join, run } = network()
          const speed = 10 ** magnitude
          const seen = join({ bytesPerMs: speed, latencyMs: latencyMs }, [
            'accounts',
            'storage',
            'codes',
          ])
          await run(300_000)
          expect(seen.timeouts).toBe(0)
          expect(seen.doubled).toBe(0)
          // Half of what the link carries, or of what a browser of one request per kind and 100 ms
          // step can take in.
          const possible = Math.min(speed, (3 * 500 * KIB) / (2 * latencyMs + 2 * STEP_MS))
          expect(seen.bytes).toBeGreaterThan((possible * 300_000) / 2)
        },
      ),
      { numRuns: 25, seed: 7 },
    )
  })

  it('finds back when a link becomes a hundredth of what it was', async () => {
    const { join, run } = network()
    const link: Link = { bytesPerMs: 1_000, latencyMs: 20 }
    const seen = join(link, ['accounts', 'storage', 'codes'])
    await run(60_000)
    expect(seen.timeouts).toBe(0)
    link.bytesPerMs = 10
    await run(600_000)
    // Those that were asked at the old speed: one of each kind.
    expect(seen.timeouts).toBeLessThanOrEqual(3)
    const { timeouts, bytes } = { ...seen }
    await run(600_000)
    expect(seen.timeouts).toBe(timeouts)
    expect(seen.bytes - bytes).toBeGreaterThan((10 * 600_000) / 2)
    expect(seen.doubled).toBe(0)
  })

  it('lets a slow peer serve beside fast ones, of which it is taken for one at first', async () => {
    const { join, run, rates } = network()
    for (let fast = 0; fast < 4; fast++)
      join({ bytesPerMs: 10_000, latencyMs: 10 }, ['accounts', 'storage', 'codes'])
    await run(200_000)
    expect(rates.targetTimeoutMs).toBeLessThan(6_100)
    const seen = join({ bytesPerMs: 12, latencyMs: 50 }, ['accounts', 'storage', 'codes'])
    await run(200_000)
    const { timeouts, bytes } = { ...seen }
    expect(timeouts).toBeLessThanOrEqual(3)
    await run(600_000)
    expect(seen.timeouts).toBe(timeouts)
    expect(seen.bytes - bytes).toBeGreaterThan((12 * 600_000) / 2)
    expect(seen.doubled).toBe(0)
  })

  it('lets a slow peer serve ranges that gives single codes at once', async () => {
    const { join, run, rates } = network()
    const quick = join({ bytesPerMs: 100_000, latencyMs: 5 }, ['codes', 'healCodes'])
    await run(200_000)
    expect(rates.targetTimeoutMs).toBeLessThan(6_100)
    expect(quick.timeouts).toBe(0)
    const slow = join({ bytesPerMs: 8, latencyMs: 5 }, ['storage'])
    await run(600_000)
    expect(slow.timeouts).toBeLessThanOrEqual(2)
    expect(slow.served).toBeGreaterThan(10)
  })

  it('fills a loopback within three requests, also of trie nodes', async () => {
    const { join, run } = network()
    const seen = join({ bytesPerMs: 1e6, latencyMs: 0 }, ['healNodes'])
    await run(5 * STEP_MS)
    expect(seen.bytes / 512).toBeGreaterThan(128 + 2 * 1024)
  })
})
