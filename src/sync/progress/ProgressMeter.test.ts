import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { type VirtualClock, virtualClock } from '../../../test/support/sync/virtualClock.ts'
import type { Block } from '../../chain/Block.ts'
import type { Progress } from './Progress.ts'
import { idleProgress, ProgressMeter } from './ProgressMeter.ts'

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

  it('sends at most ten events in any second also where phases follow each other fast', () => {
    const step = fc.record({
      wait: fc.nat(60),
      phase: fc.constantFrom('download', 'heal', 'verify', 'complete', undefined),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        begin()
        meter.enter('download', 0)
        let phase = 'download'
        for (const { wait: ms, phase: next } of steps) {
          if (next !== undefined) meter.enter(next, 0)
          else meter.received(1)
          phase = next ?? phase
          wait(ms)
        }
        wait(1_000)
        expect(last().phase).toBe(phase)
        expect(last().bytes).toBe(steps.filter((one) => one.phase === undefined).length)
        const times = events.map(({ at }) => at)
        for (let index = 10; index < times.length; index++) {
          expect(times[index]! - times[index - 10]!).toBeGreaterThanOrEqual(1_000)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('begins the fraction anew where a new pivot begins the same phase again', () => {
    meter.enter('heal', 0)
    meter.update({ fraction: 0.9 }, true)
    meter.enter('heal', 0.2)
    expect(last().fraction).toBe(0.2)
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

  it('goes on with the next sync of the run after it was stopped, nothing forgotten', () => {
    meter.enter('download', 0)
    meter.received(10)
    wait(500)
    meter.stop()
    const count = events.length
    meter.moveTo(pivotOf(2))
    wait(3_000)
    expect(events.length).toBe(count)
    meter.enter('heal', 0.5)
    expect(last()).toMatchObject({ phase: 'heal', fraction: 0.5, bytes: 10, pivot: { number: 2 } })
    expect(last().elapsedMs).toBe(3_500)
    wait(2_000)
    expect(events.length).toBeGreaterThan(count + 1)
  })

  it('adds up what ranges and healing bring, each by itself', () => {
    meter.enter('download', 0)
    meter.synced({ accounts: 2, accountBytes: 200 })
    meter.synced({ accounts: 1, accountBytes: 90, codes: 1, codeBytes: 5_000 })
    meter.enter('heal', 0, { healing: { nodes: 7, codes: 1 } })
    meter.healed({ nodes: 3, nodeBytes: 900 })
    meter.healed({ nodes: 1, nodeBytes: 300, accounts: 1 })
    meter.update({ healing: { nodes: 4, codes: 0 } }, true)
    expect(last()).toMatchObject({
      synced: {
        accounts: 3,
        accountBytes: 290,
        slots: 0,
        slotBytes: 0,
        codes: 1,
        codeBytes: 5_000,
      },
      healed: { nodes: 4, nodeBytes: 1_200, codes: 0, codeBytes: 0, accounts: 1, slots: 0 },
      healing: { nodes: 4, codes: 0 },
    })
    // What was told before does not change afterwards.
    expect(events[0]!.progress.synced.accounts).toBe(0)
    expect(idleProgress().synced.accounts).toBe(0)
  })

  it('counts the moves of the pivot, not the first', () => {
    meter.enter('download', 0)
    expect(last()).toMatchObject({ pivot: undefined, pivotMoves: 0 })
    for (const number of [10, 20, 30]) meter.moveTo(pivotOf(number))
    wait(100)
    expect(last()).toMatchObject({ pivot: pivotOf(30), pivotMoves: 2 })
  })

  describe('tells that nothing moves', () => {
    beforeEach(() => {
      meter.waitsFor = () => ({ reason: 'no-peer' })
      meter.enter('download', 0)
    })

    it('after three seconds, and why', () => {
      wait(2_999)
      expect(last().stalled).toBeUndefined()
      wait(1_001)
      expect(last().stalled).toMatchObject({ reason: 'no-peer' })
      expect(last().stalled).not.toHaveProperty('until')
    })

    it('with the time until peers that rest are asked again', () => {
      meter.waitsFor = () => ({ reason: 'peers-rest', restMs: 5_000 })
      wait(4_000)
      const { since, until } = last().stalled!
      expect(until! - since).toBe(9_000)
    })

    it('only while something is waited for', () => {
      meter.waitsFor = undefined
      wait(10_000)
      expect(last().stalled).toBeUndefined()
    })

    it.each<[string, () => void]>([
      ['something is stored', () => meter.update({ accounts: 1 })],
      ['an answer was accepted', () => meter.synced({ codes: 1 })],
      ['something was healed', () => meter.healed({ nodes: 1 })],
      ['the fraction grows', () => meter.update({ fraction: 0.1 })],
      ['a phase begins', () => meter.enter('heal', 0)],
    ])('until %s', (_, move) => {
      wait(5_000)
      expect(last().stalled).toBeDefined()
      move()
      wait(100)
      expect(last().stalled).toBeUndefined()
      wait(4_000)
      expect(last().stalled).toBeDefined()
    })

    it('though peers come and go, and bytes that prove nothing arrive', () => {
      for (let second = 0; second < 8; second++) {
        wait(500)
        meter.received(1_000)
        meter.update({ peers: second, fraction: 0 })
      }
      expect(last().stalled).toMatchObject({ reason: 'no-peer' })
    })
  })
})

function pivotOf(number: number): Block {
  return { number, hash: `0x${'11'.repeat(32)}`, stateRoot: `0x${'22'.repeat(32)}` }
}
