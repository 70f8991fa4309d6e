import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compareBytes } from '../base/compareBytes.ts'
import { keysAscend } from './keysAscend.ts'
import { packLeaves } from './packLeaves.ts'

it('tells whether each key is greater than the one before it', () => {
  // Few values per byte, so that prefixes and whole keys repeat.
  const key = fc.array(fc.constantFrom(0, 1, 0xff), { minLength: 2, maxLength: 2 })
  const keys = fc.array(
    key.map((bytes) => Uint8Array.from(bytes)),
    { maxLength: 4 },
  )
  const value = Uint8Array.of(1)
  fc.assert(
    fc.property(keys, (keys) => {
      const ascending = keys.every((key, at) => at === 0 || compareBytes(keys[at - 1]!, key) < 0)
      const leaves = packLeaves(
        keys.map((key) => [key, value]),
        2,
      )
      expect(keysAscend(leaves)).toBe(ascending)
    }),
    { numRuns: 1000 },
  )
})
