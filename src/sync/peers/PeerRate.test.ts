import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PeerRate } from './PeerRate.ts'
import type { WorkKind } from './WorkKind.ts'

const MAX = 2 ** 31 - 1

const anyKind = fc.constantFrom<WorkKind>('accounts', 'storage', 'codes', 'healNodes', 'healCodes')
const anyMs = fc.double({ min: 0, max: 1e9, noNaN: true })
const anyAmount = fc.nat({ max: 1e7 })
const updates = fc.array(fc.tuple(anyKind, anyMs, anyAmount), { maxLength: 30 })

function rateAfter(history: readonly (readonly [WorkKind, number, number])[]): PeerRate {
  const rate = new PeerRate({}, 5_000)
  for (const update of history) rate.update(...update)
  return rate
}

describe('PeerRate', () => {
  it('takes the first measurement for a tenth, and each further one for a tenth of the rest', () => {
    const rate = new PeerRate({}, 20_000)
    expect(rate.perSecond('codes')).toBe(0)
    rate.update('codes', 500, 40)
    expect(rate.perSecond('codes')).toBeCloseTo(8, 9)
    expect(rate.roundTripMs).toBeCloseTo(18_050, 9)
    rate.update('codes', 2_000, 40)
    expect(rate.perSecond('codes')).toBeCloseTo(9.2, 9)
    expect(rate.roundTripMs).toBeCloseTo(16_445, 9)
    // 1 + 1.01 × 9.2 per second × 3 s = 28.876
    expect(rate.capacity('codes', 3_000)).toBe(29)
  })

  it('comes as near to what is measured as 1 − 0.9ⁿ', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (n) => {
        const rate = new PeerRate({}, 0)
        for (let i = 0; i < n; i++) rate.update('storage', 250, 1_000)
        expect(rate.perSecond('storage')).toBeCloseTo(4_000 * (1 - 0.9 ** n), 6)
        expect(rate.roundTripMs).toBeCloseTo(250 * (1 - 0.9 ** n), 6)
      }),
    )
  })

  it('keeps the kinds apart, but has one round trip', () => {
    const rate = new PeerRate({ accounts: 7 }, 1_000)
    rate.update('storage', 2_000, 100)
    expect([rate.perSecond('accounts'), rate.perSecond('codes')]).toEqual([7, 0])
    rate.update('healNodes', 2_000, 100)
    expect(rate.roundTripMs).toBeCloseTo(0.81 * 1_000 + 0.19 * 2_000, 9)
  })

  it('knows nothing any more after a delivery of nothing, except the round trip', () => {
    const rate = new PeerRate({ codes: 1e6, accounts: 5 }, 3_000)
    rate.update('codes', 60_000, 0)
    expect([rate.perSecond('codes'), rate.perSecond('accounts')]).toEqual([0, 5])
    expect(rate.roundTripMs).toBe(3_000)
    expect(rate.capacity('codes', 60_000)).toBe(1)
    rate.update('codes', 1_000, 10)
    expect(rate.perSecond('codes')).toBe(1)
  })

  it('does not share what it is given with others', () => {
    const mean = { codes: 4 }
    const rate = new PeerRate(mean, 1_000)
    rate.update('codes', 1, 0)
    expect(mean).toEqual({ codes: 4 })
  })

  it('takes no time at all for a millisecond', () => {
    const rate = new PeerRate({}, 10)
    rate.update('codes', 0, 84)
    expect(rate.perSecond('codes')).toBeCloseTo(8_400, 9)
    expect(rate.roundTripMs).toBeCloseTo(9.1, 9)
  })

  it('never asks for more than 2^31 − 1: geth TestCapacityOverflow', () => {
    const rate = new PeerRate({}, 1)
    rate.update('accounts', 1e-6, 100_000)
    expect(rate.capacity('accounts', 10_000_000)).toBe(MAX)
    const endless = new PeerRate({ accounts: Number.MAX_VALUE }, 1)
    expect(endless.capacity('accounts', Number.MAX_VALUE)).toBe(MAX)
  })

  it('asks for at least one and a whole number, whatever has happened', () => {
    fc.assert(
      fc.property(updates, anyKind, anyMs, (history, kind, targetMs) => {
        const rate = rateAfter(history)
        const capacity = rate.capacity(kind, targetMs)
        expect(Number.isInteger(capacity)).toBe(true)
        expect(capacity).toBeGreaterThanOrEqual(1)
        expect(capacity).toBeLessThanOrEqual(MAX)
      }),
    )
  })

  it('asks for more where there is more time, or where more came', () => {
    fc.assert(
      fc.property(updates, anyKind, anyMs, anyMs, (history, kind, a, b) => {
        const rate = rateAfter(history)
        const less = rate.capacity(kind, Math.min(a, b))
        expect(rate.capacity(kind, Math.max(a, b))).toBeGreaterThanOrEqual(less)
      }),
    )
    fc.assert(
      fc.property(updates, anyKind, anyMs, anyAmount, anyAmount, (history, kind, ms, a, b) => {
        const [slow, fast] = [rateAfter(history), rateAfter(history)]
        slow.update(kind, ms, Math.min(a, b))
        fast.update(kind, ms, Math.max(a, b))
        expect(fast.capacity(kind, 6_000)).toBeGreaterThanOrEqual(slow.capacity(kind, 6_000))
      }),
    )
  })

  it('stays between what was assumed and what was measured', () => {
    const delivery = fc.record({
      ms: fc.double({ min: 1, max: 60_000, noNaN: true }),
      amount: fc.integer({ min: 1, max: 1e6 }),
    })
    fc.assert(
      fc.property(fc.array(delivery, { minLength: 1, maxLength: 40 }), (deliveries) => {
        const rate = new PeerRate({ storage: 500 }, 500)
        for (const { ms, amount } of deliveries) rate.update('storage', ms, amount)
        const seen = [500, ...deliveries.map(({ ms, amount }) => (amount * 1000) / ms)]
        const times = [500, ...deliveries.map(({ ms }) => ms)]
        const within = (value: number, values: number[]) => {
          expect(value).toBeGreaterThanOrEqual(Math.min(...values) * (1 - 1e-9))
          expect(value).toBeLessThanOrEqual(Math.max(...values) * (1 + 1e-9))
        }
        within(rate.perSecond('storage'), seen)
        within(rate.roundTripMs, times)
      }),
    )
  })
})
