import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryEntries, type Entry } from '../../test/support/bytes/arbitraryEntries.ts'
import { compareBytes } from '../base/bytes/compareBytes.ts'
import { keysAscend, type Leaves, leafKey, leafValue, lowerBound, sliceLeaves } from './Leaves.ts'
import { LeafShapeError, LeavesBuilder, packLeaves } from './packLeaves.ts'
import { prefixLeaves, unprefixLeaves } from './prefixLeaves.ts'

/** The leaves one by one, after a look at the shape that all who take leaves rely on. */
function entriesOf(leaves: Leaves): Entry[] {
  const { count, keySize, keys, values, offsets } = leaves
  expect(keys).toHaveLength(count * keySize)
  expect(offsets).toHaveLength(count + 1)
  expect([offsets[0], offsets[count]]).toEqual([0, values.length])
  return Array.from({ length: count }, (_, index) => [
    leafKey(leaves, index),
    leafValue(leaves, index),
  ])
}

const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('packLeaves', () => {
  it('keeps keys and values', () => {
    fc.assert(
      fc.property(arbitraryEntries(32), (entries) => {
        expect(entriesOf(packLeaves(entries))).toEqual(entries)
      }),
    )
  })

  it('copies them', () => {
    const key = new Uint8Array(32)
    const leaves = packLeaves([[key, key]])
    key.fill(1)
    expect(leaves.keys).toEqual(new Uint8Array(32))
    expect(leaves.values).toEqual(new Uint8Array(32))
  })

  it('refuses a key of another size, and names it', () => {
    const good = new Uint8Array(32)
    const pack = (key: Uint8Array) => () =>
      packLeaves([
        [good, good],
        [key, good],
      ])
    expect(pack(new Uint8Array(31))).toThrow(LeafShapeError)
    expect(pack(new Uint8Array(33))).toThrow('key 1 has 33 bytes, expected 32')
    expect(() => packLeaves([[good, good]], 64)).toThrow('key 0 has 32 bytes, expected 64')
  })
})

describe('sliceLeaves', () => {
  it('takes any stretch, also of a slice, without copying', () => {
    const cuts = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat())
    fc.assert(
      fc.property(arbitraryEntries(32), cuts, (entries, [a, b, c, d]) => {
        const stretch = (from: number, to: number, count: number): [number, number] => {
          const [low, high] = [from % (count + 1), to % (count + 1)].sort((x, y) => x - y)
          return [low!, high!]
        }
        const leaves = packLeaves(entries)
        const outer = stretch(a, b, entries.length)
        const slice = sliceLeaves(leaves, ...outer)
        expect(entriesOf(slice)).toEqual(entries.slice(...outer))
        const inner = stretch(c, d, slice.count)
        const again = sliceLeaves(slice, ...inner)
        expect(entriesOf(again)).toEqual(entries.slice(...outer).slice(...inner))
        expect(again.keys.buffer).toBe(leaves.keys.buffer)
        expect(again.values.buffer).toBe(leaves.values.buffer)
      }),
    )
  })
})

describe('lowerBound', () => {
  it('finds the first key that is not below', () => {
    fc.assert(
      fc.property(
        arbitraryEntries(2),
        fc.uint8Array({ minLength: 2, maxLength: 2 }),
        (entries, key) => {
          const wanted = entries.findIndex(([other]) => compareBytes(other, key) >= 0)
          const place = lowerBound(packLeaves(entries, 2), key)
          expect(place).toBe(wanted === -1 ? entries.length : wanted)
        },
      ),
    )
  })

  it('finds every key where it is', () => {
    fc.assert(
      fc.property(arbitraryEntries(32), (entries) => {
        const leaves = packLeaves(entries)
        for (const [index, [key]] of entries.entries()) expect(lowerBound(leaves, key)).toBe(index)
      }),
    )
  })

  it('puts a key that is longer than all behind its beginning', () => {
    const last = new Uint8Array(32).fill(0xff)
    expect(lowerBound(packLeaves([[last, last]]), new Uint8Array(33).fill(0xff))).toBe(1)
  })
})

describe('prefixLeaves', () => {
  const tries = fc.uniqueArray(fc.tuple(key32, arbitraryEntries(32)), {
    selector: ([prefix]) => prefix.join(),
    maxLength: 6,
  })

  it('joins the leaves of tries, each under its prefix', () => {
    fc.assert(
      fc.property(tries, (list) => {
        const joined = prefixLeaves(
          list.map(([prefix, entries]) => [prefix, packLeaves(entries)] as const),
        )
        const wanted = list.flatMap(([prefix, entries]) => {
          return entries.map(([key, value]) => [Uint8Array.of(...prefix, ...key), value])
        })
        expect(entriesOf(joined)).toEqual(wanted)
      }),
    )
  })

  it('is undone by unprefixLeaves', () => {
    fc.assert(
      fc.property(tries, (list) => {
        const packed = list.map(([prefix, entries]) => [prefix, packLeaves(entries)] as const)
        const joined = prefixLeaves(packed)
        let from = 0
        for (const [, leaves] of packed) {
          const to = from + leaves.count
          if (joined.keySize > 0) expect(unprefixLeaves(joined, from, to, 32)).toEqual(leaves)
          from = to
        }
      }),
    )
  })

  it('takes slices as they are', () => {
    const entries = [1, 2, 3].map((byte): Entry => {
      return [new Uint8Array(32).fill(byte), Uint8Array.of(byte, byte)]
    })
    const slice = sliceLeaves(packLeaves(entries), 1, 3)
    const prefix = new Uint8Array(32)
    const values = entriesOf(prefixLeaves([[prefix, slice]])).map(([, value]) => value)
    expect(values).toEqual([Uint8Array.of(2, 2), Uint8Array.of(3, 3)])
  })
})

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
