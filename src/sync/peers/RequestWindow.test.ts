import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { RequestTimeoutError } from '../../snap/errors.ts'
import { OwedAnswers } from './OwedAnswers.ts'
import { PeerRates } from './PeerRates.ts'
import { RequestWindow } from './RequestWindow.ts'
import type { WorkKind } from './WorkKind.ts'

const KIB = 1024
const LIMIT_MS = 20_000
const pending = new Promise<void>(() => {})

function setup(kind: WorkKind = 'accounts') {
  const clock = virtualClock()
  const rates = new PeerRates({ now: clock.now, timeoutLimitMs: LIMIT_MS })
  const rate = rates.add()
  const options = { ...clock, rate, rates, owed: new OwedAnswers(), onFree: () => {} }
  const window = new RequestWindow({ ...options, kind })
  const take = () => {
    const tracker = window.next!
    tracker.take(pending)
    return tracker
  }
  /**
   * Answers that come after so long, one after the other, until as many requests as may be are in
   * flight.
   */
  const grow = (ms: number) => {
    for (let times = 0; times < 8; times++) {
      const tracker = take()
      clock.advance(ms)
      window.served(tracker, 512 * KIB)
    }
  }
  return { clock, rates, rate, window, take, grow }
}

/** Of a peer that was fast so far, and is asked for as much as may be. */
function setupFast() {
  const all = setup()
  for (let times = 0; times < 20; times++) all.rate.update('accounts', 10, 512 * KIB)
  return all
}

describe('RequestWindow', () => {
  it.each([
    ['accounts', 4],
    ['storage', 4],
    ['codes', 1],
    ['healNodes', 1],
    ['healCodes', 1],
  ] as const)('has of %s %i requests in flight over a fast link', (kind, most) => {
    const { window, take, grow } = setup(kind)
    expect(window.size).toBe(1)
    grow(10)
    expect(window.size).toBe(most)
    for (let times = 0; times < most; times++) take()
    expect(window.next).toBeUndefined()
  })

  it('has as many in flight as come in time after one small answer that came fast', () => {
    const { clock, window, take } = setup()
    const first = take()
    clock.advance(25)
    window.served(first, 64 * KIB)
    expect(window.size).toBe(4)
  })

  it('takes a small answer for a part of a full one', () => {
    const { clock, window, take } = setupFast()
    const tracker = take()
    clock.advance(2_000)
    window.served(tracker, 64 * KIB)
    expect(window.size).toBe(1)
  })

  it('has one request in flight while the answers are small, or take half of the time that they have', () => {
    const { clock, window, take } = setup()
    const first = take()
    clock.advance(10_000)
    window.served(first, 64 * KIB)
    expect(window.size).toBe(1)
    const { window: slow, grow } = setup()
    grow(5_001)
    expect(slow.size).toBe(1)
  })

  it('takes back one where the answers take too long with it', () => {
    const { clock, window, take, grow } = setup()
    grow(10)
    clock.advance(1)
    const tracker = take()
    clock.advance(10_001)
    window.served(tracker, 512 * KIB)
    expect(window.size).toBe(3)
  })

  it('judges a size by requests that were made at it', () => {
    const { clock, window, take } = setupFast()
    const tracker = take()
    clock.advance(4_000)
    window.served(tracker, 512 * KIB)
    expect(window.size).toBe(2)
    clock.advance(1)
    const [one, two] = [take(), take()]
    clock.advance(6_000)
    window.served(one, 512 * KIB)
    expect(window.size).toBe(3)
    window.served(two, 512 * KIB)
    expect(window.size).toBe(3)
  })

  it('has as many in flight as come in time', () => {
    const { clock, window, take } = setupFast()
    for (const [ms, size] of [
      [3_000, 3],
      [8_000, 3],
      [7_400, 4],
    ] as const) {
      clock.advance(1)
      const tracker = take()
      clock.advance(ms)
      window.served(tracker, 512 * KIB)
      expect(window.size).toBe(size)
    }
  })

  it('rests as a whole, and begins anew with one request', () => {
    const { clock, window, take, grow } = setup()
    grow(10)
    const [one, two] = [take(), take()]
    expect(window.empty(one)).toBe(true)
    expect(window.next).toBeUndefined()
    expect(window.empty(two)).toBe(false)
    clock.advance(1_000)
    expect(window.next).toBeUndefined()
    clock.advance(1_000)
    take()
    expect(window.next).toBeUndefined()
    window.stop()
    expect(clock.timers.size).toBe(0)
  })

  it('rests no longer for several answers with nothing in them than for one, where they were asked for together', () => {
    const { clock, window, take, grow } = setup()
    grow(10)
    const trackers = [take(), take(), take(), take()]
    clock.advance(10)
    expect(window.empty(trackers[0]!)).toBe(true)
    clock.advance(1)
    for (const tracker of trackers.slice(1)) expect(window.empty(tracker)).toBe(false)
    clock.advance(999)
    expect(window.next).toBeUndefined()
    clock.advance(1)
    const next = take()
    clock.advance(10)
    window.empty(next)
    clock.advance(1_999)
    expect(window.next).toBeUndefined()
    clock.advance(1)
    expect(window.next).toBeDefined()
  })

  it('rests no longer for several answers that never come than for one of the largest', () => {
    const { clock, window, take, grow } = setup()
    grow(10)
    for (const tracker of [take(), take(), take(), take()]) window.timedOut(tracker, pending)
    clock.advance(8 * LIMIT_MS - 1)
    expect(window.next).toBeUndefined()
    clock.advance(1)
    expect(window.next).toBeDefined()
  })

  it('rests after a timeout until all that is late has come', async () => {
    const { window, take, grow, clock } = setup()
    grow(10)
    const arrive: (() => void)[] = []
    const late = () => new Promise<void>((resolve) => arrive.push(resolve))
    const [one, two] = [take(), take()]
    window.timedOut(one, late())
    window.timedOut(two, late())
    arrive[1]!()
    await new Promise((resolve) => setImmediate(resolve))
    expect(window.next).toBeUndefined()
    arrive[0]!()
    await new Promise((resolve) => setImmediate(resolve))
    expect([window.next !== undefined, window.size, clock.timers.size]).toEqual([true, 1, 0])
  })

  it('never lets an answer come too late that shares a link with others, however slow the link is', async () => {
    await fc.assert(
      fc.asyncProperty(
        // From 10 KB/s to 10 MB/s.
        fc.double({ min: 1, max: 4, noNaN: true }),
        fc.integer({ min: 5, max: 300 }),
        async (magnitude, latencyMs) => {
          const bytesPerMs = 10 ** magnitude
          const clock = virtualClock()
          const rates = new PeerRates({ now: clock.now, timeoutLimitMs: LIMIT_MS })
          const link = { rate: rates.add(), rates, owed: new OwedAnswers(), onFree: () => {} }
          const windows = (['accounts', 'storage'] as const).map(
            (kind) => new RequestWindow({ ...clock, ...link, kind }),
          )
          let busyUntil = 0
          let timeouts = 0
          let bytes = 0
          const ask = (window: RequestWindow) => {
            const tracker = window.next!
            const amount = tracker.capacity
            busyUntil = Math.max(busyUntil, clock.now()) + amount / bytesPerMs
            const inMs = busyUntil + 2 * latencyMs - clock.now()
            const isLate = inMs > tracker.timeoutMs
            const answer = new Promise<void>((resolve, reject) => {
              const late = new RequestTimeoutError('slow', 'GetAccountRange', 0, pending)
              const settle = () => (isLate ? reject(late) : resolve())
              clock.timers.setTimeout(settle, Math.min(inMs, tracker.timeoutMs))
            })
            tracker.take(answer)
            answer.then(
              () => {
                bytes += amount
                window.served(tracker, amount)
              },
              () => {
                timeouts++
                window.timedOut(tracker, pending)
              },
            )
          }
          for (let passed = 0; passed < 120_000; passed += 50) {
            for (const window of windows) while (window.next) ask(window)
            clock.advance(50)
            await new Promise((resolve) => setImmediate(resolve))
          }
          expect(timeouts).toBe(0)
          const possible = Math.min(bytesPerMs, (8 * 500 * KIB) / (2 * latencyMs + 100))
          expect(bytes).toBeGreaterThan((possible * 120_000) / 2)
        },
      ),
      { numRuns: 15, seed: 7 },
    )
  })
})
