import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeLeaves } from '../../../test/support/store/makeLeaves.ts'
import { hexEntries } from '../../../test/support/store/StoreModel.ts'
import { mergeLeaves } from './mergeLeaves.ts'

const anyLeaves = fc
  .uniqueArray(fc.tuple(fc.nat(60), fc.uint8Array({ maxLength: 5 })), { selector: ([key]) => key })
  .map((entries) =>
    makeLeaves(
      entries.map(([key]) => new Uint8Array(32).fill(key)),
      (index) => entries[index]![1],
    ),
  )

test('merging is what a map does, in order', () => {
  fc.assert(
    fc.property(anyLeaves, anyLeaves, (old, fresh) => {
      const merged = mergeLeaves(old, fresh)
      const map = new Map([...hexEntries(old), ...hexEntries(fresh)])
      expect(hexEntries(merged)).toEqual([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
      expect(merged.keys.length).toBe(merged.count * 32)
      expect(merged.offsets.length).toBe(merged.count + 1)
      expect(merged.values.length).toBe(merged.offsets[merged.count])
    }),
    { numRuns: 1000 },
  )
})
