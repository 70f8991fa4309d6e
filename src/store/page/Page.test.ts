import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashKey, makeLeaves } from '../../../test/support/store/makeLeaves.ts'
import { hexEntries } from '../../../test/support/store/StoreModel.ts'
import { leafKey, leafValue, sliceLeaves } from '../../leaves/Leaves.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { StoreCorruptError } from '../errors.ts'
import { encodePage, pageSize } from './encodePage.ts'
import { Page } from './Page.ts'

/** Leaves whose keys share up to all but the last byte; the values may be empty. */
const anyLeaves = fc
  .record({
    keySize: fc.constantFrom(32, 64),
    shared: fc.nat(31),
    tails: fc.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 3 }), {
      minLength: 1,
      maxLength: 40,
      selector: String,
    }),
    sizes: fc.array(fc.nat(300), { minLength: 40, maxLength: 40 }),
  })
  .map(({ keySize, shared, tails, sizes }) => {
    const keys = tails.map((tail) => {
      const key = new Uint8Array(keySize).fill(0x5a, 0, shared)
      key.set(tail.subarray(0, keySize - shared), shared)
      return key
    })
    return makeLeaves(keys, (index) => new Uint8Array(sizes[index]!).fill(index))
  })

test('a page gives back its leaves, all at once and one by one', () => {
  fc.assert(
    fc.property(anyLeaves, fc.nat(), fc.nat(), (leaves, a, b) => {
      const from = a % leaves.count
      const to = from + 1 + (b % (leaves.count - from))
      const bytes = encodePage(leaves, from, to)
      expect(bytes.length).toBe(pageSize(leaves, from, to))

      const page = new Page(bytes, leaves.keySize)
      expect(page.leaves()).toEqual(sliceLeaves(leaves, from, to))
      for (let index = 0; index < leaves.count; index++) {
        const inside = index >= from && index < to
        const value = inside ? leafValue(leaves, index) : undefined
        expect(page.get(leafKey(leaves, index))).toEqual(value)
      }
      expect(page.get(hashKey(1))).toBeUndefined()
    }),
  )
})

test('ends of values take four bytes where two are not enough', () => {
  for (const [size, endSize] of [
    [0xffff, 2],
    [0x10000, 4],
  ] as const) {
    const leaves = packLeaves([[hashKey(1), new Uint8Array(size).fill(1)]])
    const bytes = encodePage(leaves, 0, 1)
    expect(bytes[3]).toBe(endSize)
    expect(new Page(bytes, 32).leaves()).toEqual(leaves)
  }
})

test('a page with any bit changed is read within its bounds or refused', () => {
  const keys = Array.from({ length: 12 }, (_, index) => hashKey(index).fill(7, 0, 5))
  const leaves = makeLeaves(keys, (index) => new Uint8Array(index).fill(0xee))
  const bytes = encodePage(leaves, 0, leaves.count)
  // A page may lie in the middle of other memory, and none of that must show.
  const memory = new Uint8Array(bytes.length + 400).fill(0xdd)
  const damaged = memory.subarray(200, 200 + bytes.length)
  let refused = 0
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    damaged.set(bytes)
    damaged[bit >> 3]! ^= 1 << (bit & 7)
    try {
      const page = new Page(damaged, 32)
      const read = page.leaves()
      const values = [...keys.map((key) => page.get(key)), read.values]
      if (values.some((value) => value?.includes(0xdd))) throw new Error(`bit ${bit} shows memory`)
      expect(read.offsets[read.count]).toBe(read.values.length)
    } catch (error) {
      if (!(error instanceof StoreCorruptError)) throw error
      refused++
    }
  }
  // Every bit of the header, and many of the keys' and ends'; what passes shows in the state root.
  expect(refused).toBeGreaterThan(8 * 8)
})

test('a page cut off anywhere, or with bytes to spare, is refused', () => {
  const leaves = makeLeaves([hashKey(1), hashKey(2)], () => new Uint8Array(5))
  const bytes = encodePage(leaves, 0, 2)
  for (let size = 0; size < bytes.length; size++) {
    expect(() => new Page(bytes.subarray(0, size), 32)).toThrow(StoreCorruptError)
  }
  expect(() => new Page(Uint8Array.of(...bytes, 0), 32)).toThrow(/another checksum/)
  expect(() => new Page(bytes, 64)).toThrow(/has keys of 32 bytes/)
  expect(() => new Page(bytes, 32, Uint8Array.of(1))).toThrow(/another checksum/)
})

test('a page with keys out of order, or twice, is refused when it is decoded', () => {
  for (const second of [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]) {
    const leaves = packLeaves([
      [new Uint8Array(32).fill(2), Uint8Array.of(1)],
      [second, Uint8Array.of(2)],
    ])
    const page = new Page(encodePage(leaves, 0, 2), 32)
    expect(() => page.leaves()).toThrow(/keys out of order/)
  }
})

test('noise is never a page that reads beyond itself', () => {
  const anyPage = fc.uint8Array({ maxLength: 120 }).map((noise) => {
    noise.set([1, 32].slice(0, noise.length))
    return noise
  })
  fc.assert(
    fc.property(anyPage, (noise) => {
      try {
        expect(hexEntries(new Page(noise, 32).leaves()).length).toBeGreaterThan(0)
      } catch (error) {
        expect(error).toBeInstanceOf(StoreCorruptError)
      }
    }),
    { numRuns: 5000 },
  )
})
