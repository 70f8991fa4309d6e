import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { StoreCorruptError } from '../errors.ts'
import { KeyPrefix } from './KeyPrefix.ts'

/** Keys of few different bytes, so that they often share a prefix. */
const anyKey = fc
  .array(fc.constantFrom(0x00, 0x80, 0xff), { minLength: 32, maxLength: 32 })
  .map((bytes) => Uint8Array.from(bytes))
const anyBits = fc.integer({ min: 0, max: 256 })

const binary = (key: Uint8Array) =>
  [...key].map((byte) => byte.toString(2).padStart(8, '0')).join('')

test('a prefix contains the keys that begin with its bits', () => {
  fc.assert(
    fc.property(anyKey, anyBits, anyKey, (key, bits, other) => {
      const expected = binary(other).startsWith(binary(key).slice(0, bits))
      expect(new KeyPrefix(key, bits).contains(other)).toBe(expected)
      expect(new KeyPrefix(key, bits).contains(key)).toBe(true)
    }),
  )
})

test('its end is one more than its last key', () => {
  fc.assert(
    fc.property(anyKey, anyBits, (key, bits) => {
      const last = binary(key).slice(0, bits).padEnd(256, '1')
      const end = BigInt(`0b${last}`) + 1n
      const expected = end === 1n << 256n ? undefined : end.toString(2).padStart(256, '0')
      const received = new KeyPrefix(key, bits).end(32)
      expect(received && binary(received)).toBe(expected)
    }),
  )
})

test('ids sort as the keys of disjoint prefixes do, and read back', () => {
  fc.assert(
    fc.property(anyKey, anyBits, anyKey, anyBits, (keyA, bitsA, keyB, bitsB) => {
      const [a, b] = [new KeyPrefix(keyA, bitsA), new KeyPrefix(keyB, bitsB)]
      expect(KeyPrefix.fromId(a.id(), 32)).toEqual(a)
      fc.pre(!a.contains(keyB) && !b.contains(keyA))
      expect(Math.sign(compareBytes(a.id(), b.id()))).toBe(Math.sign(compareBytes(keyA, keyB)))
    }),
  )
})

test.each([
  ['nothing', []],
  ['half a length', [0]],
  ['fewer bytes than bits', [0, 9]],
  ['more bytes than bits', [0x80, 0, 0, 1]],
  ['bits beyond its length', [0xc0, 0, 1]],
  ['more bits than a key', [...new Uint8Array(33), 1, 1]],
])('an id of %s is a StoreCorruptError', (_, id) => {
  expect(() => KeyPrefix.fromId(Uint8Array.from(id), 32)).toThrow(StoreCorruptError)
})
