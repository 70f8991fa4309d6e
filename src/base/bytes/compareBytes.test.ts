import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compareBytes } from './compareBytes.ts'

// Few different bytes, so that long common beginnings are common.
const bytes = fc
  .array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), { maxLength: 6 })
  .map((list) => Uint8Array.from(list))

it('compareBytes orders as Node does', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))
    }),
  )
})
