import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes } from '../bytes/compareBytes.ts'
import { LeafCollector } from './LeafCollector.ts'
import { packLeaves } from './packLeaves.ts'

/** Few values per byte, so that keys begin alike and come again; sizes below and above the four bytes sorted first. */
const entries = fc.constantFrom(1, 3, 6, 32).chain((keySize) => {
  const byte = fc.constantFrom(0, 1, 0x80, 0xff)
  const key = fc.array(byte, { minLength: keySize, maxLength: keySize })
  const entry = fc.tuple(
    key.map((bytes) => Uint8Array.from(bytes)),
    fc.uint8Array({ maxLength: 40 }),
  )
  return fc.tuple(fc.constant(keySize), fc.array(entry, { maxLength: 60 }))
})

describe('LeafCollector', () => {
  it('packs what comes, in its order', () => {
    fc.assert(
      fc.property(entries, ([keySize, leaves]) => {
        const collector = new LeafCollector(keySize)
        for (const [key, value] of leaves) {
          const larger = Uint8Array.of(1, ...value, 2)
          collector.add(key, larger, 1, 1 + value.length)
        }
        expect(collector.count).toBe(leaves.length)
        expect(collector.finish()).toEqual(packLeaves(leaves, keySize))
      }),
    )
  })

  it('sorts by key, and leaves equal keys in the order in which they came', () => {
    fc.assert(
      fc.property(entries, ([keySize, leaves]) => {
        const collector = new LeafCollector(keySize)
        for (const [key, value] of leaves) collector.add(key, value)
        const wanted = [...leaves].sort(([a], [b]) => compareBytes(a, b))
        expect(collector.sorted()).toEqual(packLeaves(wanted, keySize))
      }),
      { numRuns: 500 },
    )
  })
})
