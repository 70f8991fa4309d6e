import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BackOffError, backOff } from './backOff.ts'

describe('backOff', () => {
  it('doubles from half a second to half a minute by default', () => {
    const delay = backOff({}, () => 0)
    expect([1, 2, 3, 4, 5, 6, 7, 8, 2000].map(delay)).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ])
  })

  it('stays between the wait without chance and what chance may take off', () => {
    const options = fc.record({
      firstMs: fc.integer({ min: 0, max: 5000 }),
      maxMs: fc.integer({ min: 0, max: 60_000 }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(options, chance, fc.integer({ min: 1, max: 2000 }), (given, random, failures) => {
        const longest = backOff(given, () => 0)(failures)
        const ms = backOff(given, () => random)(failures)
        expect(longest).toBeLessThanOrEqual(given.maxMs)
        expect(ms).toBeLessThanOrEqual(longest)
        expect(ms).toBeGreaterThanOrEqual(Math.floor(longest * (1 - given.jitter)) - 1)
      }),
    )
  })

  it.each([
    { firstMs: -1 },
    { maxMs: Number.POSITIVE_INFINITY },
    { factor: Number.NaN },
    { jitter: 1.5 },
  ])('refuses %j', (options) => {
    expect(() => backOff(options)).toThrow(BackOffError)
  })
})
