import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../base/bytes/hex.ts'
import { bytesToNibbles, commonPrefixLength } from './nibbles.ts'

describe('nibble paths', () => {
  it('take the high nibble first', () => {
    expect(bytesToNibbles(Uint8Array.of(0xa7, 0x01))).toEqual(Uint8Array.of(10, 7, 0, 1))
  })

  it('spell a key digit by digit', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const digits = Array.from(bytesToNibbles(bytes), (nibble) => nibble.toString(16)).join('')
        expect(`0x${digits}`).toBe(toHex(bytes))
      }),
    )
  })

  it('have a prefix in common', () => {
    const common = (a: number[], b: number[]) =>
      commonPrefixLength(Uint8Array.from(a), Uint8Array.from(b))
    expect(common([1, 2, 3], [1, 2, 4])).toBe(2)
    expect(common([1, 2], [1, 2, 4])).toBe(2)
    expect(common([], [1])).toBe(0)
    expect(common([3], [1])).toBe(0)
  })
})
