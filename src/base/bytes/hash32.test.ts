import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bigIntToHash, hashToBigInt, KEY_SPACE, nextHash } from './hash32.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const highest = new Uint8Array(32).fill(0xff)

describe('hashes as numbers', () => {
  it('are read and written big-endian', () => {
    const one = new Uint8Array(32)
    one[31] = 1
    expect(hashToBigInt(one)).toBe(1n)
    one[0] = 0x80
    expect(hashToBigInt(one)).toBe((1n << 255n) + 1n)
    expect(hashToBigInt(highest)).toBe(KEY_SPACE - 1n)
  })

  it('come back as they were', () => {
    fc.assert(
      fc.property(hash, (bytes) => {
        expect(bigIntToHash(hashToBigInt(bytes))).toEqual(bytes)
      }),
    )
  })
})

describe('nextHash', () => {
  it('adds one, and leaves its input alone', () => {
    // Long tails of ff bytes, over which the one is carried, are rare in random hashes.
    const carrying = fc.tuple(hash, fc.nat(31)).map(([bytes, from]) => bytes.fill(0xff, from))
    fc.assert(
      fc.property(fc.oneof(hash, carrying), (bytes) => {
        const before = bytes.slice()
        const next = nextHash(bytes)
        expect(bytes).toEqual(before)
        const value = hashToBigInt(bytes) + 1n
        expect(next && hashToBigInt(next)).toBe(value === KEY_SPACE ? undefined : value)
      }),
    )
  })

  it('ends after the highest', () => {
    expect(nextHash(highest)).toBeUndefined()
    expect(nextHash(new Uint8Array(32))).toEqual(bigIntToHash(1n))
  })
})
