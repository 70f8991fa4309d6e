import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PeerRate } from './PeerRate.ts'
import { PeerRates } from './PeerRates.ts'

function setup(timeoutLimitMs?: number) {
  let time = 0
  const rates = new PeerRates({
    now: () => time,
    ...(timeoutLimitMs === undefined ? {} : { timeoutLimitMs }),
  })
  const pass = (ms: number) => (time += ms)
  return { rates, pass }
}

/** Moves a peer's round trip to about `ms`. */
function settle(rate: PeerRate, ms: number): void {
  for (let times = 0; times < 400; times++) rate.update('codes', ms, 1)
}

/** Lets time pass in steps that are longer than any round trip, until nothing changes any more. */
function tune({ rates, pass }: ReturnType<typeof setup>): void {
  for (let times = 0; times < 200; times++) {
    pass(20_001)
    void rates.roundTripMs
  }
}

describe('PeerRates', () => {
  it('waits a minute at first, as a round trip may take 20 s', () => {
    const { rates } = setup()
    expect([rates.roundTripMs, rates.confidence, rates.targetTimeoutMs]).toEqual([
      20_000, 1, 60_000,
    ])
    expect(rates.timeoutLimitMs).toBe(60_000)
    const rate = rates.add()
    expect([rate.roundTripMs, rate.perSecond('accounts')]).toEqual([20_000, 0])
  })

  it('never waits longer than its limit', () => {
    expect(setup(20_000).rates.targetTimeoutMs).toBe(20_000)
    expect(setup(1).rates.targetTimeoutMs).toBe(1)
    const { rates } = setup(100_000)
    expect(rates.targetTimeoutMs).toBe(60_000)
    rates.add()
    rates.add()
    expect(rates.targetTimeoutMs).toBe(100_000)
  })

  it('moves by a quarter towards the peers, once per round trip', () => {
    const { rates, pass } = setup()
    settle(rates.add(), 4_000)
    pass(20_000)
    expect(rates.roundTripMs).toBe(20_000)
    pass(1)
    expect(rates.roundTripMs).toBeCloseTo(16_000, 6)
    expect(rates.targetTimeoutMs).toBeCloseTo(48_000, 6)
    // It was long ago, but is one measurement: it counts once.
    pass(1_000_000)
    expect(rates.roundTripMs).toBeCloseTo(13_000, 6)
    pass(12_999)
    expect(rates.roundTripMs).toBeCloseTo(13_000, 6)
    pass(2)
    expect(rates.roundTripMs).toBeCloseTo(10_750, 6)
  })

  it.each([
    [1, 2_000, 6_000],
    [1_999, 2_000, 6_000],
    [5_000, 5_000, 15_000],
    [60_000, 20_000, 60_000],
  ])('takes peers that need %i ms for %i ms, and waits %i ms', (ms, roundTrip, timeout) => {
    const set = setup()
    settle(set.rates.add(), ms)
    tune(set)
    expect(set.rates.roundTripMs).toBeCloseTo(roundTrip, 3)
    expect(set.rates.targetTimeoutMs).toBeCloseTo(timeout, 3)
  })

  it.each([
    [1, 3],
    [2, 4],
    [3, 4],
    [4, 5],
    [8, 5],
    [9, 6],
    [15, 6],
    [16, 7],
  ])('goes by the peer at the root of their number: of %i, the one with %i s', (count, seconds) => {
    const set = setup()
    const order = Array.from({ length: count }, (_, index) => (index * 7) % count)
    const sorted = new Set(order).size === count ? order : [...order.keys()]
    for (const index of sorted) settle(set.rates.add(), (3 + index) * 1000)
    tune(set)
    expect(set.rates.roundTripMs / 1000).toBeCloseTo(seconds, 3)
  })

  it('is less sure with every peer that joins while there are fewer than ten', () => {
    const { rates } = setup(1e9)
    const seen = Array.from({ length: 12 }, () => {
      rates.add()
      return rates.confidence
    })
    // (n − 1) / n each time: 1 / n together, never below a tenth.
    const expected = [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9].map((n) => 1 / n)
    seen.forEach((confidence, index) => {
      expect(confidence).toBeCloseTo(expected[index]!, 9)
    })
    expect(rates.targetTimeoutMs).toBeCloseTo(3 * 20_000 * 9, 3)
  })

  it('is never less sure than a tenth, and quite sure with a single peer', () => {
    const { rates } = setup()
    const first = rates.add()
    for (let times = 0; times < 50; times++) rates.remove(rates.add())
    expect(rates.confidence).toBe(0.1)
    rates.remove(first)
    rates.add()
    expect(rates.confidence).toBe(1)
  })

  it('becomes half as unsure with every round trip', () => {
    const { rates, pass } = setup()
    for (let peers = 0; peers < 4; peers++) rates.add()
    const seen = [rates.confidence]
    for (let times = 0; times < 3; times++) {
      pass(20_001)
      seen.push(rates.confidence)
    }
    ;[0.25, 0.625, 0.8125, 0.90625].forEach((confidence, index) => {
      expect(seen[index]).toBeCloseTo(confidence, 9)
    })
  })

  it('takes a new peer for as fast as the others are on average', () => {
    const { rates } = setup()
    const [a, b] = [rates.add(), rates.add()]
    a.update('accounts', 1_000, 100_000)
    a.update('codes', 1_000, 40)
    b.update('accounts', 1_000, 300_000)
    settle(a, 3_000)
    settle(b, 8_000)
    const codes = (a.perSecond('codes') + b.perSecond('codes')) / 2
    const joined = rates.add()
    expect(joined.perSecond('accounts')).toBeCloseTo(20_000, 6)
    expect(joined.perSecond('codes')).toBeCloseTo(codes, 9)
    expect(joined.perSecond('storage')).toBe(0)
    expect(joined.roundTripMs).toBeCloseTo(8_000, 3)
    joined.update('accounts', 1_000, 0)
    expect([a.perSecond('accounts'), b.perSecond('accounts')]).toEqual([10_000, 30_000])
  })

  it('forgets a peer that has left', () => {
    const set = setup()
    const fast = set.rates.add()
    fast.update('storage', 1, 1_000_000)
    settle(fast, 2_500)
    set.rates.remove(fast)
    set.rates.remove(fast)
    expect(set.rates.add().perSecond('storage')).toBe(0)
    tune(set)
    expect(set.rates.roundTripMs).toBeCloseTo(20_000, 6)
  })

  it('keeps its bounds whoever comes, goes, and answers however', () => {
    const step = fc.oneof(
      fc.constant({ type: 'add' as const }),
      fc.record({ type: fc.constant('remove' as const), peer: fc.nat(20) }),
      fc.record({
        type: fc.constant('update' as const),
        peer: fc.nat(20),
        ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
        amount: fc.nat(1e6),
      }),
      fc.record({ type: fc.constant('pass' as const), ms: fc.nat(60_000) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { rates, pass } = setup()
        const peers: PeerRate[] = []
        for (const step of steps) {
          const before = rates.roundTripMs
          if (step.type === 'add') peers.push(rates.add())
          else if (step.type === 'pass') pass(step.ms)
          else {
            const peer = peers[step.peer % peers.length]
            if (peer === undefined) continue
            if (step.type === 'update') peer.update('storage', step.ms, step.amount)
            else {
              peers.splice(peers.indexOf(peer), 1)
              rates.remove(peer)
            }
          }
          expect(rates.roundTripMs).toBeGreaterThanOrEqual(2_000)
          expect(rates.roundTripMs).toBeLessThanOrEqual(20_000)
          expect(Math.abs(rates.roundTripMs - before)).toBeLessThanOrEqual(0.25 * 18_000 + 1e-6)
          expect(rates.confidence).toBeGreaterThanOrEqual(0.1)
          expect(rates.confidence).toBeLessThanOrEqual(1)
          expect(rates.targetTimeoutMs).toBeGreaterThanOrEqual(6_000)
          expect(rates.targetTimeoutMs).toBeLessThanOrEqual(60_000)
        }
      }),
    )
  })
})
