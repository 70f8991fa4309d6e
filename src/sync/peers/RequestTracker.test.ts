import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { RequestTimeoutError } from '../../snap/errors.ts'
import { OwedAnswers } from './OwedAnswers.ts'
import { PeerRates } from './PeerRates.ts'
import { RequestTracker } from './RequestTracker.ts'
import type { WorkKind } from './WorkKind.ts'

const KIB = 1024
const LIMIT_MS = 20_000
const pending = new Promise<void>(() => {})

function setup(kind: WorkKind = 'storage') {
  const clock = virtualClock()
  let freed = 0
  const rates = new PeerRates({ now: clock.now, timeoutLimitMs: LIMIT_MS })
  const rate = rates.add()
  const owed = new OwedAnswers()
  const options = { ...clock, rate, rates, owed, onFree: () => freed++ }
  const tracker = new RequestTracker({ ...options, kind })
  return { options, clock, timers: clock.timers, rates, rate, tracker, freed: () => freed }
}

/** All microtasks that are due. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('RequestTracker', () => {
  it('holds one request at a time', () => {
    const { tracker, freed } = setup()
    for (const end of ['served', 'failed'] as const) {
      expect(tracker.free).toBe(true)
      tracker.take(pending)
      expect(tracker.free).toBe(false)
      tracker[end](1)
    }
    expect(tracker.free).toBe(true)
    expect(freed()).toBe(0)
  })

  it('rests from one second to thirty while there is nothing, and begins anew when there is', () => {
    const { timers, tracker, freed } = setup()
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      tracker.take(pending)
      expect(tracker.empty()).toBe(seconds === 1)
      timers.advance(seconds * 1000 - 1)
      expect(tracker.free).toBe(false)
      timers.advance(1)
      expect(tracker.free).toBe(true)
    }
    expect(freed()).toBe(7)
    tracker.take(pending)
    tracker.served(1)
    tracker.take(pending)
    expect(tracker.empty()).toBe(true)
    timers.advance(1000)
    expect(tracker.free).toBe(true)
  })

  it.each([
    ['accounts', 64 * KIB, 512 * KIB],
    ['storage', 64 * KIB, 512 * KIB],
    ['codes', 10, 84],
    ['healNodes', 128, 1024],
    ['healCodes', 10, 84],
  ] as const)('asks for %s from %i to %i', (kind, min, max) => {
    const { clock, tracker } = setup(kind)
    expect(tracker.capacity).toBe(min)
    tracker.take(pending)
    clock.advance(1)
    tracker.served(min)
    expect(tracker.capacity).toBe(max)
    tracker.take(pending)
    tracker.empty()
    expect(tracker.capacity).toBe(min)
  })

  it('asks for what comes in half of the time that a request has', () => {
    const { clock, tracker, rate } = setup()
    // 40 KiB/s; a tenth of that is believed at first: 1 + 1.01 × 4 KiB/s × 10 s.
    const sizes = Array.from({ length: 60 }, () => {
      tracker.take(pending)
      clock.advance(1_000)
      tracker.served(40 * KIB)
      return tracker.capacity
    })
    expect(sizes[0]).toBe(64 * KIB)
    expect(sizes[1]).toBe(Math.ceil(1 + 1.01 * 10 * 40 * KIB * (1 - 0.9 ** 2)))
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
    expect(rate.perSecond('storage')).toBeCloseTo(40 * KIB * (1 - 0.9 ** 60), 6)
  })

  it('measures the time to the answer, not to its turn', async () => {
    const { clock, tracker, rate } = setup()
    let arrive = () => {}
    const answer = new Promise<void>((resolve) => (arrive = resolve))
    tracker.take(answer)
    clock.advance(2_000)
    arrive()
    await settled()
    clock.advance(50_000)
    tracker.served(100_000)
    expect(rate.perSecond('storage')).toBeCloseTo(5_000, 9)
    expect(tracker.perSecond).toBe(rate.perSecond('storage'))
  })

  it('tells the times of two answers apart', async () => {
    const { clock, tracker, rate } = setup()
    let arrive = () => {}
    tracker.take(new Promise<void>((resolve) => (arrive = resolve)))
    tracker.failed()
    tracker.take(pending)
    clock.advance(1_000)
    arrive()
    await settled()
    clock.advance(1_000)
    tracker.served(100_000)
    expect(rate.perSecond('storage')).toBeCloseTo(5_000, 9)
  })

  it('asks for the least after a timeout, when the slowest link is clear', () => {
    const { clock, tracker, rate } = setup()
    for (const [kib, graceMs] of [
      [512, 160_000],
      [256, 80_000],
      [64, 20_000],
    ] as const) {
      // A tenth of it, for 10 s, and 1 % and one byte more, is what is asked for.
      rate.update('storage', 1_000, (kib * KIB - 1.5) / 1.01)
      expect(tracker.capacity).toBe(kib * KIB)
      tracker.take(pending)
      tracker.timedOut(pending)
      expect(rate.perSecond('storage')).toBe(0)
      clock.advance(graceMs - 1)
      expect(tracker.free).toBe(false)
      clock.advance(1)
      expect([tracker.free, tracker.capacity]).toEqual([true, 64 * KIB])
    }
  })

  it('is free when a late answer comes, and only once', async () => {
    const { clock, tracker, freed } = setup()
    let arrive = () => {}
    const answered = new Promise<void>((resolve) => {
      arrive = resolve
    })
    tracker.take(pending)
    tracker.timedOut(answered)
    clock.advance(20_000)
    tracker.take(pending)
    tracker.timedOut(pending)
    arrive()
    await answered
    expect([tracker.free, freed()]).toEqual([false, 1])
    clock.advance(20_000)
    tracker.take(pending)
    tracker.timedOut(Promise.resolve())
    await answered
    expect([tracker.free, freed(), clock.timers.size]).toEqual([true, 3, 0])
  })

  it('leaves no timer behind', () => {
    const { timers, tracker, freed } = setup()
    tracker.take(pending)
    tracker.empty()
    expect(timers.size).toBe(1)
    tracker.stop()
    tracker.empty()
    tracker.renew()
    expect(timers.size).toBe(0)
    expect(freed()).toBe(0)
  })
})

describe('RequestTracker beside another of the same peer', () => {
  function pair() {
    const set = setup()
    return { ...set, codes: new RequestTracker({ ...set.options, kind: 'codes' }) }
  }

  it('rests until what is late of either kind has come', async () => {
    const { tracker, codes, freed, timers } = pair()
    const arrive: (() => void)[] = []
    const late = () => new Promise<void>((resolve) => arrive.push(resolve))
    tracker.take(pending)
    codes.take(pending)
    tracker.timedOut(late())
    codes.timedOut(late())
    arrive[0]!()
    await settled()
    expect([tracker.free, codes.free]).toEqual([false, false])
    arrive[1]!()
    await settled()
    expect([tracker.free, codes.free, freed(), timers.size]).toEqual([true, true, 2, 0])
  })

  it('is asked on while the other waits for an answer', () => {
    const { clock, tracker, codes } = pair()
    tracker.take(pending)
    tracker.timedOut(pending)
    for (let times = 0; times < 3; times++) {
      expect(codes.free).toBe(true)
      codes.take(pending)
      clock.advance(1_000)
      codes.served(1)
    }
    expect(tracker.free).toBe(false)
    clock.advance(17_000)
    expect(tracker.free).toBe(true)
  })

  it('rests as long as all that is owed takes on the slowest link', () => {
    const { clock, tracker, codes } = pair()
    tracker.take(pending)
    codes.take(pending)
    tracker.timedOut(pending)
    clock.advance(2 * LIMIT_MS - 1)
    expect(tracker.free).toBe(false)
    clock.advance(1)
    expect([tracker.free, codes.free]).toEqual([true, false])
  })

  it('leaves no timer behind when its peer leaves in the middle of a rest', async () => {
    const { tracker, codes, freed, timers } = pair()
    let arrive = () => {}
    const late = new Promise<void>((resolve) => (arrive = resolve))
    tracker.take(pending)
    codes.take(pending)
    tracker.timedOut(late)
    codes.timedOut(late)
    tracker.stop()
    codes.stop()
    arrive()
    await settled()
    tracker.giveUp()
    expect([freed(), timers.size]).toEqual([0, 0])
  })
})

describe('RequestTracker, how long it waits', () => {
  /** Fast peers in the set, and time enough to know it: a timeout of 6 s. */
  function fastSet() {
    const set = setup()
    for (let times = 0; times < 200; times++) set.rate.update('codes', 10, 1)
    for (let times = 0; times < 60; times++) {
      set.clock.advance(20_001)
      void set.rates.targetTimeoutMs
    }
    expect(set.rates.targetTimeoutMs).toBeCloseTo(6_000, 1)
    return set
  }

  it('gives a peer of which nothing is known all the time there is', () => {
    expect(setup().tracker.timeoutMs).toBe(LIMIT_MS)
    expect(fastSet().tracker.timeoutMs).toBe(LIMIT_MS)
  })

  it('gives a fast peer three round trips', () => {
    const { tracker, rate } = fastSet()
    rate.update('storage', 10, 64 * KIB)
    expect(tracker.capacity).toBe(512 * KIB)
    expect(tracker.timeoutMs).toBeCloseTo(6_000, 1)
  })

  it('gives a peer that is slow for the least twice what it needs, also beside fast ones', () => {
    const { tracker, rate } = fastSet()
    for (let times = 0; times < 200; times++) rate.update('storage', 4_000, 64 * KIB)
    for (let times = 0; times < 200; times++) rate.update('codes', 10, 1)
    expect(tracker.capacity).toBe(64 * KIB)
    expect(tracker.timeoutMs).toBeCloseTo(8_000, 3)
    for (let times = 0; times < 200; times++) rate.update('storage', 15_000, 64 * KIB)
    expect(tracker.timeoutMs).toBe(LIMIT_MS)
  })
})

describe('RequestTracker in a new cycle', () => {
  it('ends the rest of a peer that had nothing, and tells anew when it has nothing', () => {
    const { timers, tracker, freed } = setup()
    for (let times = 0; times < 3; times++) {
      tracker.take(pending)
      expect(tracker.empty()).toBe(true)
      expect(tracker.free).toBe(false)
      tracker.renew()
      expect([tracker.free, freed(), timers.size]).toEqual([true, times + 1, 0])
    }
    tracker.take(pending)
    tracker.empty()
    timers.advance(1_000)
    expect(tracker.free).toBe(true)
  })

  it('goes on waiting for a late answer, and for one that is in flight', async () => {
    const { tracker, freed } = setup()
    tracker.take(pending)
    tracker.renew()
    expect(tracker.free).toBe(false)
    let arrive = () => {}
    tracker.timedOut(new Promise((resolve) => (arrive = resolve)))
    tracker.renew()
    expect(tracker.free).toBe(false)
    arrive()
    await settled()
    expect([tracker.free, freed()]).toEqual([true, 1])
  })

  it('waits for an answer that is no longer wanted, and thinks the peer no slower', async () => {
    const { clock, tracker, rate, freed } = setup()
    rate.update('storage', 1_000, 1_000)
    const before = tracker.perSecond
    let arrive = () => {}
    tracker.take(new Promise<void>((resolve) => (arrive = resolve)))
    tracker.giveUp()
    tracker.giveUp()
    tracker.renew()
    expect([tracker.free, clock.timers.size]).toEqual([false, 1])
    arrive()
    await settled()
    expect([tracker.free, freed(), clock.timers.size]).toEqual([true, 1, 0])
    expect(tracker.perSecond).toBe(before)
  })

  it('waits for an answer that is no longer wanted also when it is late', async () => {
    const { clock, tracker } = setup()
    let arrive = () => {}
    const answered = new Promise<void>((resolve) => (arrive = resolve))
    let fail: (error: Error) => void = () => {}
    tracker.take(new Promise((_, reject) => (fail = reject)))
    tracker.giveUp()
    fail(new RequestTimeoutError('slow', 'GetByteCodes', LIMIT_MS, answered))
    await settled()
    expect(tracker.free).toBe(false)
    arrive()
    await settled()
    expect([tracker.free, clock.timers.size]).toEqual([true, 0])
  })

  it('does not wait for an answer that will not come, nor for ever', async () => {
    const { clock, tracker } = setup()
    let fail: (error: Error) => void = () => {}
    tracker.take(new Promise((_, reject) => (fail = reject)))
    tracker.giveUp()
    fail(new Error('closed'))
    await settled()
    expect(tracker.free).toBe(true)
    tracker.take(pending)
    tracker.giveUp()
    clock.advance(LIMIT_MS - 1)
    expect(tracker.free).toBe(false)
    clock.advance(1)
    expect(tracker.free).toBe(true)
  })

  it('gives nothing up where nothing is in flight', () => {
    const { timers, tracker } = setup()
    tracker.giveUp()
    expect([tracker.free, timers.size]).toEqual([true, 0])
    tracker.take(pending)
    tracker.empty()
    tracker.giveUp()
    timers.advance(1_000)
    expect(tracker.free).toBe(true)
  })
})
