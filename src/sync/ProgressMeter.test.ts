import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type VirtualClock, virtualClock } from './fixtures/virtualClock.ts'
import type { Progress } from './Progress.ts'
import { ProgressMeter } from './ProgressMeter.ts'

let clock: VirtualClock
let events: { at: number; progress: Progress }[]
let meter: ProgressMeter

function begin(): void {
  clock = virtualClock()
  events = []
  meter = new ProgressMeter(
    (progress) => events.push({ at: clock.now(), progress }),
    clock.now,
    clock.timers,
  )
}

beforeEach(begin)

/** Lets time pass one millisecond after the other. */
function wait(ms: number): void {
  for (let passed = 0; passed < ms; passed++) clock.advance(1)
}

const last = () => events.at(-1)!.progress

describe('ProgressMeter', () => {
  it('sends at most ten events a second besides those of a new phase, and withholds nothing for long', () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 250 }),
      accounts: fc.nat(1_000),
      fraction: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        begin()
        meter.enter('download', 0)
        for (const { wait: ms, accounts, fraction } of steps) {
          meter.update({ accounts, fraction })
          wait(ms)
          if (ms >= 100) expect(last().accounts).toBe(accounts)
        }
        const times = events.map(({ at }) => at)
        for (let index = 1; index < times.length; index++) {
          expect(times[index]! - times[index - 1]!).toBeGreaterThanOrEqual(100)
        }
        const fractions = events.map(({ progress }) => progress.fraction)
        expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
        meter.stop()
        if (steps.length > 0) expect(last().accounts).toBe(steps.at(-1)!.accounts)
        expect(clock.timers.size).toBe(0)
      }),
      { numRuns: 50 },
    )
  })

  it('tells of a new phase at once, and begins its fraction anew', () => {
    meter.enter('download', 0.25)
    meter.update({ fraction: 1 })
    meter.enter('verify', 0)
    meter.enter('complete', 1)
    const told = events.map(({ progress: { phase, fraction } }) => [phase, fraction])
    expect(told).toEqual([
      ['download', 0.25],
      ['verify', 0],
      ['complete', 1],
    ])
  })

  it('never lets the fraction of a phase fall', () => {
    meter.enter('download', 0.5)
    meter.update({ fraction: 0.1 }, true)
    expect(last().fraction).toBe(0.5)
    meter.update({ fraction: 0.6 }, true)
    expect(last().fraction).toBe(0.6)
  })

  it('measures the rate over the last three seconds', () => {
    meter.enter('download', 0)
    for (let second = 0; second < 10; second++) {
      meter.received(5_000)
      wait(500)
      meter.received(5_000)
      wait(500)
    }
    expect(last().bytes).toBe(100_000)
    expect(last().bytesPerSecond).toBeGreaterThan(8_000)
    expect(last().bytesPerSecond).toBeLessThan(12_000)
  })

  it('lets the rate of a stalled sync fall to zero, and its time go on', () => {
    meter.enter('download', 0)
    meter.received(50_000)
    wait(200)
    expect(last().bytesPerSecond).toBeGreaterThan(0)
    wait(5_000)
    expect(last().bytesPerSecond).toBe(0)
    expect(last().elapsedMs).toBeGreaterThanOrEqual(4_200)
    expect(events.length).toBeLessThan(10)
  })

  it('estimates the time that is left from what this run has done', () => {
    meter.enter('download', 0.2)
    wait(500)
    meter.update({ fraction: 0.3 }, true)
    expect(last().etaSeconds).toBeUndefined()
    wait(1_500)
    meter.update({ fraction: 0.205 + 0.195 }, true)
    // A fifth of all in two seconds, three fifths to go.
    expect(last().etaSeconds).toBeCloseTo(6)
  })

  it('withholds an estimate while less than a hundredth is done', () => {
    meter.enter('download', 0.2)
    wait(5_000)
    meter.update({ fraction: 0.209 }, true)
    expect(last().etaSeconds).toBeUndefined()
  })

  it('sends what it withheld when it is stopped, and nothing afterwards', () => {
    meter.enter('download', 0)
    meter.update({ peers: 3 })
    expect(last().peers).toBe(0)
    meter.stop()
    expect(last().peers).toBe(3)
    const count = events.length
    meter.received(10)
    meter.update({ peers: 4 }, true)
    wait(3_000)
    expect(events.length).toBe(count)
    expect(clock.timers.size).toBe(0)
  })
})
