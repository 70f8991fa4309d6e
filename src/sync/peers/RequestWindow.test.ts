import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { RequestTimeoutError } from '../../snap/RequestTimeoutError.ts'
import { Backlog } from './OwedAnswers.ts'
import { PeerRates } from './PeerRates.ts'
import { Pipeline } from './RequestWindow.ts'
import type { WorkKind } from './WorkKind.ts'

const KIB = 1024
const LIMIT_MS = 20_000
const pending = new Promise<void>(() => {})

function setup(kind: WorkKind = 'accounts') {
  const clock = virtualClock()
  const rates = new PeerRates({ now: clock.now, timeoutLimitMs: LIMIT_MS })
  const rate = rates.add()
  const options = { ...clock, rate, rates, backlog: new Backlog(), onFree: () => {} }
  const pipeline = new Pipeline({ ...options, kind })
  const take = () => {
    const lane = pipeline.next!
    lane.take(pending)
    return lane
  }
  /** Answers that come after so long, one after the other, until as many requests as may be are in flight. */
  const grow = (ms: number) => {
    for (let times = 0; times < 8; times++) {
      const lane = take()
      clock.advance(ms)
      pipeline.served(lane, 512 * KIB)
    }
  }
  return { clock, rates, rate, pipeline, take, grow }
}

/** Of a peer that was fast so far, and is asked for as much as may be. */
function setupFast() {
  const all = setup()
  for (let times = 0; times < 20; times++) all.rate.update('accounts', 10, 512 * KIB)
  return all
}

describe('Pipeline', () => {
  it.each([
    ['accounts', 4],
    ['storage', 4],
    ['codes', 1],
    ['healNodes', 1],
    ['healCodes', 1],
  ] as const)('has of %s %i requests in flight over a fast link', (kind, most) => {
    const { pipeline, take, grow } = setup(kind)
    expect(pipeline.depth).toBe(1)
    grow(10)
    expect(pipeline.depth).toBe(most)
    for (let times = 0; times < most; times++) take()
    expect(pipeline.next).toBeUndefined()
  })

  it('has as many in flight as come in time after one small answer that came fast', () => {
    const { clock, pipeline, take } = setup()
    const first = take()
    clock.advance(25)
    pipeline.served(first, 64 * KIB)
    expect(pipeline.depth).toBe(4)
  })

  it('takes a small answer for a part of a full one', () => {
    const { clock, pipeline, take } = setupFast()
    const lane = take()
    clock.advance(2_000)
    pipeline.served(lane, 64 * KIB)
    expect(pipeline.depth).toBe(1)
  })

  it('has one request in flight while the answers are small, or take half of the time that they have', () => {
    const { clock, pipeline, take } = setup()
    const first = take()
    clock.advance(10_000)
    pipeline.served(first, 64 * KIB)
    expect(pipeline.depth).toBe(1)
    const { pipeline: slow, grow } = setup()
    grow(5_001)
    expect(slow.depth).toBe(1)
  })

  it('takes back one where the answers take too long with it', () => {
    const { clock, pipeline, take, grow } = setup()
    grow(10)
    clock.advance(1)
    const lane = take()
    clock.advance(10_001)
    pipeline.served(lane, 512 * KIB)
    expect(pipeline.depth).toBe(3)
  })

  it('judges a depth by requests that were made at it', () => {
    const { clock, pipeline, take } = setupFast()
    const lane = take()
    clock.advance(4_000)
    pipeline.served(lane, 512 * KIB)
    expect(pipeline.depth).toBe(2)
    clock.advance(1)
    const [one, two] = [take(), take()]
    clock.advance(6_000)
    pipeline.served(one, 512 * KIB)
    expect(pipeline.depth).toBe(3)
    pipeline.served(two, 512 * KIB)
    expect(pipeline.depth).toBe(3)
  })

  it('has as many in flight as come in time', () => {
    const { clock, pipeline, take } = setupFast()
    for (const [ms, depth] of [
      [3_000, 3],
      [8_000, 3],
      [7_400, 4],
    ] as const) {
      clock.advance(1)
      const lane = take()
      clock.advance(ms)
      pipeline.served(lane, 512 * KIB)
      expect(pipeline.depth).toBe(depth)
    }
  })

  it('rests as a whole, and begins anew with one request', () => {
    const { clock, pipeline, take, grow } = setup()
    grow(10)
    const [one, two] = [take(), take()]
    expect(pipeline.empty(one)).toBe(true)
    expect(pipeline.next).toBeUndefined()
    expect(pipeline.empty(two)).toBe(false)
    clock.advance(1_000)
    expect(pipeline.next).toBeUndefined()
    clock.advance(1_000)
    take()
    expect(pipeline.next).toBeUndefined()
    pipeline.stop()
    expect(clock.timers.size).toBe(0)
  })

  it('rests no longer for several answers with nothing in them than for one, where they were asked for together', () => {
    const { clock, pipeline, take, grow } = setup()
    grow(10)
    const lanes = [take(), take(), take(), take()]
    clock.advance(10)
    expect(pipeline.empty(lanes[0]!)).toBe(true)
    clock.advance(1)
    for (const lane of lanes.slice(1)) expect(pipeline.empty(lane)).toBe(false)
    clock.advance(999)
    expect(pipeline.next).toBeUndefined()
    clock.advance(1)
    const next = take()
    clock.advance(10)
    pipeline.empty(next)
    clock.advance(1_999)
    expect(pipeline.next).toBeUndefined()
    clock.advance(1)
    expect(pipeline.next).toBeDefined()
  })

  it('rests no longer for several answers that never come than for one of the largest', () => {
    const { clock, pipeline, take, grow } = setup()
    grow(10)
    for (const lane of [take(), take(), take(), take()]) pipeline.timedOut(lane, pending)
    clock.advance(8 * LIMIT_MS - 1)
    expect(pipeline.next).toBeUndefined()
    clock.advance(1)
    expect(pipeline.next).toBeDefined()
  })

  it('rests after a timeout until all that is late has come', async () => {
    const { pipeline, take, grow, clock } = setup()
    grow(10)
    const arrive: (() => void)[] = []
    const late = () => new Promise<void>((resolve) => arrive.push(resolve))
    const [one, two] = [take(), take()]
    pipeline.timedOut(one, late())
    pipeline.timedOut(two, late())
    arrive[1]!()
    await new Promise((resolve) => setImmediate(resolve))
    expect(pipeline.next).toBeUndefined()
    arrive[0]!()
    await new Promise((resolve) => setImmediate(resolve))
    expect([pipeline.next !== undefined, pipeline.depth, clock.timers.size]).toEqual([true, 1, 0])
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
          const link = { rate: rates.add(), rates, backlog: new Backlog(), onFree: () => {} }
          const pipelines = (['accounts', 'storage'] as const).map(
            (kind) => new Pipeline({ ...clock, ...link, kind }),
          )
          let busyUntil = 0
          let timeouts = 0
          let bytes = 0
          const ask = (pipeline: Pipeline) => {
            const lane = pipeline.next!
            const amount = lane.capacity
            busyUntil = Math.max(busyUntil, clock.now()) + amount / bytesPerMs
            const inMs = busyUntil + 2 * latencyMs - clock.now()
            const isLate = inMs > lane.timeoutMs
            const answer = new Promise<void>((resolve, reject) => {
              const late = new RequestTimeoutError('slow', 'GetAccountRange', 0, pending)
              const settle = () => (isLate ? reject(late) : resolve())
              clock.timers.setTimeout(settle, Math.min(inMs, lane.timeoutMs))
            })
            lane.take(answer)
            answer.then(
              () => {
                bytes += amount
                pipeline.served(lane, amount)
              },
              () => {
                timeouts++
                pipeline.timedOut(lane, pending)
              },
            )
          }
          for (let passed = 0; passed < 120_000; passed += 50) {
            for (const pipeline of pipelines) while (pipeline.next) ask(pipeline)
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
