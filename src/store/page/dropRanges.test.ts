import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeLeaves } from '../../../test/support/store/makeLeaves.ts'
import { hexEntries } from '../../../test/support/store/StoreModel.ts'
import { dropRanges } from './dropRanges.ts'

const anyLeaves = fc
  .uniqueArray(fc.tuple(fc.nat(60), fc.uint8Array({ maxLength: 5 })), { selector: ([key]) => key })
  .map((entries) =>
    makeLeaves(
      entries.map(([key]) => new Uint8Array(32).fill(key)),
      (index) => entries[index]![1],
    ),
  )
const anyRanges = fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 4 })

test('leaves whose keys are in no range stay, and the same leaves where all do', () => {
  fc.assert(
    fc.property(anyLeaves, anyRanges, (leaves, bytes) => {
      const ranges = bytes.map(([a, b]) => ({
        first: new Uint8Array(32).fill(Math.min(a, b)),
        last: new Uint8Array(32).fill(Math.max(a, b)),
      }))
      const isIn = (byte: number) =>
        bytes.some(([a, b]) => byte >= Math.min(a, b) && byte <= Math.max(a, b))
      const expected = hexEntries(leaves).filter(([key]) => !isIn(Number(key.slice(0, 4))))
      const kept = dropRanges(leaves, ranges)
      expect(hexEntries(kept)).toEqual(expected)
      expect(kept === leaves).toBe(expected.length === leaves.count)
    }),
    { numRuns: 1000 },
  )
})
