import { describe, expect, it } from 'vitest'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { RequestTimeoutError } from '../../snap/RequestTimeoutError.ts'
import { Backlog } from './OwedAnswers.ts'
import { PeerRates } from './PeerRates.ts'
import { Lane } from './RequestTracker.ts'
import type { WorkKind } from './WorkKind.ts'

const KIB = 1024
const LIMIT_MS = 20_000
const pending = new Promise<void>(() => {})

function setup(kind: WorkKind = 'storage') {
  const clock = virtualClock()
  let freed = 0
  const rates = new PeerRates({ now: clock.now, timeoutLimitMs: LIMIT_MS })
  const rate = rates.add()
  const backlog = new Backlog()
  const options = { ...clock, rate, rates, backlog, onFree: () => freed++ }
  const lane = new Lane({ ...options, kind })
  return { options, clock, timers: clock.timers, rates, rate, lane, freed: () => freed }
}

/** All microtasks that are due. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('Lane', () => {
  it('holds one request at a time', () => {
    const { lane, freed } = setup()
    for (const end of ['served', 'failed'] as const) {
      expect(lane.free).toBe(true)
      lane.take(pending)
      expect(lane.free).toBe(false)
      lane[end](1)
    }
    expect(lane.free).toBe(true)
    expect(freed()).toBe(0)
  })

  it('rests from one second to thirty while there is nothing, and begins anew when there is', () => {
    const { timers, lane, freed } = setup()
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      lane.take(pending)
      expect(lane.empty()).toBe(seconds === 1)
      timers.advance(seconds * 1000 - 1)
      expect(lane.free).toBe(false)
      timers.advance(1)
      expect(lane.free).toBe(true)
    }
    expect(freed()).toBe(7)
    lane.take(pending)
    lane.served(1)
    lane.take(pending)
    expect(lane.empty()).toBe(true)
    timers.advance(1000)
    expect(lane.free).toBe(true)
  })

  it.each([
    ['accounts', 64 * KIB, 512 * KIB],
    ['storage', 64 * KIB, 512 * KIB],
    ['codes', 10, 84],
    ['healNodes', 128, 1024],
    ['healCodes', 10, 84],
  ] as const)('asks for %s from %i to %i', (kind, min, max) => {
    const { clock, lane } = setup(kind)
    expect(lane.capacity).toBe(min)
    lane.take(pending)
    clock.advance(1)
    lane.served(min)
    expect(lane.capacity).toBe(max)
    lane.take(pending)
    lane.empty()
    expect(lane.capacity).toBe(min)
  })

  it('asks for what comes in half of the time that a request has', () => {
    const { clock, lane, rate } = setup()
    // 40 KiB/s, of which a tenth is believed at first: 1 + 1.01 × 4 KiB/s × 10 s.
    const sizes = Array.from({ length: 60 }, () => {
      lane.take(pending)
      clock.advance(1_000)
      lane.served(40 * KIB)
      return lane.capacity
    })
    expect(sizes[0]).toBe(64 * KIB)
    expect(sizes[1]).toBe(Math.ceil(1 + 1.01 * 10 * 40 * KIB * (1 - 0.9 ** 2)))
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
    expect(rate.perSecond('storage')).toBeCloseTo(40 * KIB * (1 - 0.9 ** 60), 6)
  })

  it('measures the time to the answer, not to its turn', async () => {
    const { clock, lane, rate } = setup()
    let arrive = () => {}
    const answer = new Promise<void>((resolve) => (arrive = resolve))
    lane.take(answer)
    clock.advance(2_000)
    arrive()
    await settled()
    clock.advance(50_000)
    lane.served(100_000)
    expect(rate.perSecond('storage')).toBeCloseTo(5_000, 9)
    expect(lane.perSecond).toBe(rate.perSecond('storage'))
  })

  it('tells the times of two answers apart', async () => {
    const { clock, lane, rate } = setup()
    let arrive = () => {}
    lane.take(new Promise<void>((resolve) => (arrive = resolve)))
    lane.failed()
    lane.take(pending)
    clock.advance(1_000)
    arrive()
    await settled()
    clock.advance(1_000)
    lane.served(100_000)
    expect(rate.perSecond('storage')).toBeCloseTo(5_000, 9)
  })

  it('asks for the least after a timeout, when the slowest link is clear', () => {
    const { clock, lane, rate } = setup()
    for (const [kib, graceMs] of [
      [512, 160_000],
      [256, 80_000],
      [64, 20_000],
    ] as const) {
      // A tenth of it, for 10 s, and 1 % and one byte more, is what is asked for.
      rate.update('storage', 1_000, (kib * KIB - 1.5) / 1.01)
      expect(lane.capacity).toBe(kib * KIB)
      lane.take(pending)
      lane.timedOut(pending)
      expect(rate.perSecond('storage')).toBe(0)
      clock.advance(graceMs - 1)
      expect(lane.free).toBe(false)
      clock.advance(1)
      expect([lane.free, lane.capacity]).toEqual([true, 64 * KIB])
    }
  })

  it('is free when a late answer comes, and only once', async () => {
    const { clock, lane, freed } = setup()
    let arrive = () => {}
    const answered = new Promise<void>((resolve) => {
      arrive = resolve
    })
    lane.take(pending)
    lane.timedOut(answered)
    clock.advance(20_000)
    lane.take(pending)
    lane.timedOut(pending)
    arrive()
    await answered
    expect([lane.free, freed()]).toEqual([false, 1])
    clock.advance(20_000)
    lane.take(pending)
    lane.timedOut(Promise.resolve())
    await answered
    expect([lane.free, freed(), clock.timers.size]).toEqual([true, 3, 0])
  })

  it('leaves no timer behind', () => {
    const { timers, lane, freed } = setup()
    lane.take(pending)
    lane.empty()
    expect(timers.size).toBe(1)
    lane.stop()
    lane.empty()
    lane.renew()
    expect(timers.size).toBe(0)
    expect(freed()).toBe(0)
  })
})

describe('Lane beside another of the same peer', () => {
  function pair() {
    const set = setup()
    return { ...set, codes: new Lane({ ...set.options, kind: 'codes' }) }
  }

  it('rests until what is late of either kind has come', async () => {
    const { lane, codes, freed, timers } = pair()
    const arrive: (() => void)[] = []
    const late = () => new Promise<void>((resolve) => arrive.push(resolve))
    lane.take(pending)
    codes.take(pending)
    lane.timedOut(late())
    codes.timedOut(late())
    arrive[0]!()
    await settled()
    expect([lane.free, codes.free]).toEqual([false, false])
    arrive[1]!()
    await settled()
    expect([lane.free, codes.free, freed(), timers.size]).toEqual([true, true, 2, 0])
  })

  it('is asked on while the other waits for an answer', () => {
    const { clock, lane, codes } = pair()
    lane.take(pending)
    lane.timedOut(pending)
    for (let times = 0; times < 3; times++) {
      expect(codes.free).toBe(true)
      codes.take(pending)
      clock.advance(1_000)
      codes.served(1)
    }
    expect(lane.free).toBe(false)
    clock.advance(17_000)
    expect(lane.free).toBe(true)
  })

  it('rests as long as all that is owed takes on the slowest link', () => {
    const { clock, lane, codes } = pair()
    lane.take(pending)
    codes.take(pending)
    lane.timedOut(pending)
    clock.advance(2 * LIMIT_MS - 1)
    expect(lane.free).toBe(false)
    clock.advance(1)
    expect([lane.free, codes.free]).toEqual([true, false])
  })

  it('leaves no timer behind when its peer leaves in the middle of a rest', async () => {
    const { lane, codes, freed, timers } = pair()
    let arrive = () => {}
    const late = new Promise<void>((resolve) => (arrive = resolve))
    lane.take(pending)
    codes.take(pending)
    lane.timedOut(late)
    codes.timedOut(late)
    lane.stop()
    codes.stop()
    arrive()
    await settled()
    lane.giveUp()
    expect([freed(), timers.size]).toEqual([0, 0])
  })
})

describe('Lane, how long it waits', () => {
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
    expect(setup().lane.timeoutMs).toBe(LIMIT_MS)
    expect(fastSet().lane.timeoutMs).toBe(LIMIT_MS)
  })

  it('gives a fast peer three round trips', () => {
    const { lane, rate } = fastSet()
    rate.update('storage', 10, 64 * KIB)
    expect(lane.capacity).toBe(512 * KIB)
    expect(lane.timeoutMs).toBeCloseTo(6_000, 1)
  })

  it('gives a peer that is slow for the least twice what it needs, also beside fast ones', () => {
    const { lane, rate } = fastSet()
    for (let times = 0; times < 200; times++) rate.update('storage', 4_000, 64 * KIB)
    for (let times = 0; times < 200; times++) rate.update('codes', 10, 1)
    expect(lane.capacity).toBe(64 * KIB)
    expect(lane.timeoutMs).toBeCloseTo(8_000, 3)
    for (let times = 0; times < 200; times++) rate.update('storage', 15_000, 64 * KIB)
    expect(lane.timeoutMs).toBe(LIMIT_MS)
  })
})

describe('Lane in a new cycle', () => {
  it('ends the rest of a peer that had nothing, and tells anew when it has nothing', () => {
    const { timers, lane, freed } = setup()
    for (let times = 0; times < 3; times++) {
      lane.take(pending)
      expect(lane.empty()).toBe(true)
      expect(lane.free).toBe(false)
      lane.renew()
      expect([lane.free, freed(), timers.size]).toEqual([true, times + 1, 0])
    }
    lane.take(pending)
    lane.empty()
    timers.advance(1_000)
    expect(lane.free).toBe(true)
  })

  it('goes on waiting for a late answer, and for one that is in flight', async () => {
    const { lane, freed } = setup()
    lane.take(pending)
    lane.renew()
    expect(lane.free).toBe(false)
    let arrive = () => {}
    lane.timedOut(new Promise((resolve) => (arrive = resolve)))
    lane.renew()
    expect(lane.free).toBe(false)
    arrive()
    await settled()
    expect([lane.free, freed()]).toEqual([true, 1])
  })

  it('waits for an answer that is no longer wanted, and thinks the peer no slower', async () => {
    const { clock, lane, rate, freed } = setup()
    rate.update('storage', 1_000, 1_000)
    const before = lane.perSecond
    let arrive = () => {}
    lane.take(new Promise<void>((resolve) => (arrive = resolve)))
    lane.giveUp()
    lane.giveUp()
    lane.renew()
    expect([lane.free, clock.timers.size]).toEqual([false, 1])
    arrive()
    await settled()
    expect([lane.free, freed(), clock.timers.size]).toEqual([true, 1, 0])
    expect(lane.perSecond).toBe(before)
  })

  it('waits for an answer that is no longer wanted also when it is late', async () => {
    const { clock, lane } = setup()
    let arrive = () => {}
    const answered = new Promise<void>((resolve) => (arrive = resolve))
    let fail: (error: Error) => void = () => {}
    lane.take(new Promise((_, reject) => (fail = reject)))
    lane.giveUp()
    fail(new RequestTimeoutError('slow', 'GetByteCodes', LIMIT_MS, answered))
    await settled()
    expect(lane.free).toBe(false)
    arrive()
    await settled()
    expect([lane.free, clock.timers.size]).toEqual([true, 0])
  })

  it('does not wait for an answer that will not come, nor for ever', async () => {
    const { clock, lane } = setup()
    let fail: (error: Error) => void = () => {}
    lane.take(new Promise((_, reject) => (fail = reject)))
    lane.giveUp()
    fail(new Error('closed'))
    await settled()
    expect(lane.free).toBe(true)
    lane.take(pending)
    lane.giveUp()
    clock.advance(LIMIT_MS - 1)
    expect(lane.free).toBe(false)
    clock.advance(1)
    expect(lane.free).toBe(true)
  })

  it('gives nothing up where nothing is in flight', () => {
    const { timers, lane } = setup()
    lane.giveUp()
    expect([lane.free, timers.size]).toEqual([true, 0])
    lane.take(pending)
    lane.empty()
    lane.giveUp()
    timers.advance(1_000)
    expect(lane.free).toBe(true)
  })
})
