import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { StoreCorruptError } from '../errors.ts'
import { KeyPrefix } from './KeyPrefix.ts'
import { PageKey } from './PageKey.ts'

const anyPageKey = fc
  .record({
    key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    bits: fc.integer({ min: 0, max: 256 }),
    generation: fc.oneof(fc.nat(3), fc.integer({ min: 0, max: 0xffffffff })),
    tombstone: fc.boolean(),
  })
  .map((it) => new PageKey(new KeyPrefix(it.key, it.bits), it.generation, it.tombstone))

test('a key is read back from its bytes, and from no others', () => {
  fc.assert(
    fc.property(anyPageKey, fc.integer({ min: 2, max: 255 }), (key, kind) => {
      const bytes = key.bytes()
      expect(PageKey.fromBytes(bytes, 32)).toEqual(key)
      const other = Uint8Array.of(...bytes.subarray(0, -1), kind)
      expect(() => PageKey.fromBytes(other, 32)).toThrow(StoreCorruptError)
      for (const damaged of [bytes.subarray(1), bytes.subarray(0, 4), new Uint8Array()]) {
        if (key.prefix.bits > 8) {
          expect(() => PageKey.fromBytes(damaged, 32)).toThrow(StoreCorruptError)
        }
      }
    }),
  )
})

test('of one prefix, keys sort by generation', () => {
  fc.assert(
    fc.property(anyPageKey, fc.integer({ min: 0, max: 0xffffffff }), (key, generation) => {
      const other = new PageKey(key.prefix, generation, !key.tombstone)
      if (generation === key.generation) return
      const order = compareBytes(key.bytes(), other.bytes())
      expect(Math.sign(order)).toBe(Math.sign(key.generation - generation))
    }),
  )
})
