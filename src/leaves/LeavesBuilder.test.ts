import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LeavesBuilder } from './LeavesBuilder.ts'
import { packLeaves } from './packLeaves.ts'

const entries = fc.constantFrom(1, 3, 6, 32).chain((keySize) => {
  const byte = fc.constantFrom(0, 1, 0x80, 0xff)
  const key = fc.array(byte, { minLength: keySize, maxLength: keySize })
  const entry = fc.tuple(
    key.map((bytes) => Uint8Array.from(bytes)),
    fc.uint8Array({ maxLength: 40 }),
  )
  return fc.tuple(fc.constant(keySize), fc.array(entry, { maxLength: 60 }))
})

describe('LeavesBuilder', () => {
  it('packs what comes, in its order', () => {
    fc.assert(
      fc.property(entries, ([keySize, leaves]) => {
        const collector = new LeavesBuilder(keySize)
        // What was there before leaves no trace.
        for (const [key, value] of leaves.slice(0, 7)) collector.add(key, value)
        collector.clear()
        for (const [key, value] of leaves) {
          const larger = Uint8Array.of(1, ...value, 2)
          collector.addFrom(Uint8Array.of(9, ...key), 1, larger, 1, 1 + value.length)
        }
        expect(collector.count).toBe(leaves.length)
        expect(collector.finish()).toEqual(packLeaves(leaves, keySize))
      }),
    )
  })
})
