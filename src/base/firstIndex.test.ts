import fc from 'fast-check'
import { expect, it } from 'vitest'
import { firstIndex } from './firstIndex.ts'

it('finds the first index after a point, and looks at no index outside', () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(50), fc.nat(60), (from, length, point) => {
      const count = from + length
      const asked: number[] = []
      const found = firstIndex(
        count,
        (index) => {
          asked.push(index)
          return index >= point
        },
        from,
      )
      expect(found).toBe(Math.min(count, Math.max(from, point)))
      expect(asked.every((index) => index >= from && index < count)).toBe(true)
      expect(asked.length).toBeLessThanOrEqual(6)
    }),
  )
})
