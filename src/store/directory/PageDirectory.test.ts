import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeLeaves } from '../../../test/support/store/makeLeaves.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { leafKey } from '../../leaves/Leaves.ts'
import { KeyPrefix } from './KeyPrefix.ts'
import { type PageChange, PageDirectory } from './PageDirectory.ts'
import { PageKey } from './PageKey.ts'
import { splitLeaves } from './splitLeaves.ts'

const anyKey = fc
  .tuple(fc.array(fc.constantFrom(0x00, 0x01, 0x80, 0xff), { maxLength: 6 }), fc.boolean())
  .map(([bytes, low]) => {
    const key = new Uint8Array(32)
    key.set(bytes, low ? 32 - bytes.length : 0)
    return key
  })

const EMPTY = PageDirectory.of([])

/** The prefixes of all pages of a directory. */
const pagesOf = (directory: PageDirectory) => prefixesOf(directory.pages)
const prefixesOf = (pages: readonly PageKey[]) => pages.map((page) => page.prefix)

/** Adds the keys as a commit does, but always splits a page down to single leaves. */
function grow(directory: PageDirectory, key: Uint8Array, present: Uint8Array[]): PageDirectory {
  const { prefix, page } = directory.pageOf(key)
  const inPage = present.filter((other) => prefix.contains(other))
  const exists = page !== undefined
  expect(exists).toBe(inPage.length > 0)
  const leaves = makeLeaves([...inPage, key], () => new Uint8Array())
  const pieces = splitLeaves(prefix, leaves, 1).map((cut) => new PageKey(cut.prefix, 1))
  return directory.with([{ prefix, exists, pieces }])
}

test('whatever keys come, pages are disjoint, ascend, and each key has the one that contains it', () => {
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 30 }), anyKey, (keys, absent) => {
      let directory = EMPTY
      const present: Uint8Array[] = []
      for (const key of keys) {
        directory = grow(directory, key, present)
        present.push(key)
      }
      const pages = pagesOf(directory)
      expect(pages.length).toBe(new Set(keys.map(String)).size)
      for (const key of keys) {
        const { prefix, page } = directory.pageOf(key)
        expect(page?.prefix).toBe(prefix)
        expect(directory.at(prefix)).toBe(page)
        expect(pages.filter((page) => page.contains(key))).toEqual([prefix])
        // Pages are found by all of their prefix.
        for (const bits of [prefix.bits - 1, prefix.bits + 1]) {
          if (bits >= 0 && bits <= 256) {
            expect(directory.at(new KeyPrefix(key, bits))).toBeUndefined()
          }
        }
      }

      // Where there is no page, the one to make is the largest that meets no other.
      const { prefix, page } = directory.pageOf(absent)
      expect(prefix.contains(absent)).toBe(true)
      const meets = (one: KeyPrefix, other: KeyPrefix) =>
        one.bits < other.bits ? one.contains(other.bytes) : other.contains(one.bytes)
      if (!page) {
        expect(pages.some((page) => meets(page, prefix))).toBe(false)
        const larger = new KeyPrefix(absent, Math.max(prefix.bits - 1, 0))
        if (pages.length > 0) expect(pages.some((page) => meets(page, larger))).toBe(true)
      }

      const ids = pages.map((page) => page.id())
      expect([...ids].sort(compareBytes)).toEqual(ids)
      // This checks that they are disjoint.
      expect(PageDirectory.of(directory.pages).pages).toEqual(directory.pages)
    }),
    { numRuns: 500 },
  )
})

test('pages from a key on are those that hold it or come after', () => {
  fc.assert(
    fc.property(
      fc.array(anyKey, { maxLength: 30 }),
      anyKey,
      fc.integer({ min: 1, max: 5 }),
      (keys, from, limit) => {
        const directory = keys.reduce(
          (grown, key, index) => grow(grown, key, keys.slice(0, index)),
          EMPTY,
        )
        const expected = pagesOf(directory).filter((page) => {
          const end = page.end(32)
          return !end || compareBytes(end, from) > 0
        })
        expect(prefixesOf(directory.pagesFrom(from, limit))).toEqual(expected.slice(0, limit))
      },
    ),
    { numRuns: 300 },
  )
})

test('pages of a range and under a prefix are those that meet it', () => {
  fc.assert(
    fc.property(
      fc.array(anyKey, { maxLength: 30 }),
      fc.tuple(anyKey, anyKey),
      fc.integer({ min: 0, max: 256 }),
      (keys, ends, bits) => {
        const directory = keys.reduce(
          (grown, key, index) => grow(grown, key, keys.slice(0, index)),
          EMPTY,
        )
        const [first, last] = ends.sort(compareBytes)
        const isAfter = (page: KeyPrefix, key: Uint8Array) => compareBytes(page.bytes, key) > 0
        const isBefore = (page: KeyPrefix, key: Uint8Array) => {
          const end = page.end(32)
          return end !== undefined && compareBytes(end, key) <= 0
        }
        expect(prefixesOf(directory.pagesIn({ first, last }))).toEqual(
          pagesOf(directory).filter((page) => !isAfter(page, last) && !isBefore(page, first)),
        )
        const prefix = new KeyPrefix(first, bits)
        const under = pagesOf(directory).filter((page) =>
          page.bits < bits ? page.contains(first) : prefix.contains(page.bytes),
        )
        expect(prefixesOf(directory.pagesUnder(prefix, 1000))).toEqual(under)
        expect(prefixesOf(directory.pagesUnder(prefix, 2))).toEqual(under.slice(0, 2))
      },
    ),
    { numRuns: 500 },
  )
})

test('a change leaves the directory it was made from as it was', () => {
  const key = new Uint8Array(32)
  const prefix = new KeyPrefix(key, 0)
  const change: PageChange = { prefix, exists: false, pieces: [new PageKey(prefix, 1)] }
  expect(pagesOf(EMPTY.with([change]))).toEqual([prefix])
  expect(pagesOf(EMPTY)).toEqual([])
})

test('a split cuts at the first bit that differs, and leaves no page over the limit', () => {
  const keys = Array.from({ length: 500 }, (_, index) => {
    const key = new Uint8Array(32).fill(0x11)
    key.set([index >> 8, index & 0xff], 29)
    return key
  })
  const leaves = makeLeaves(keys, () => new Uint8Array(10))
  const cuts = splitLeaves(new KeyPrefix(keys[0]!, 0), leaves, 1000)
  expect(cuts.at(0)?.from).toBe(0)
  expect(cuts.at(-1)?.to).toBe(500)
  cuts.forEach(({ prefix, from, to }, index) => {
    expect(from).toBe(index === 0 ? 0 : cuts[index - 1]!.to)
    expect(to).toBeGreaterThan(from)
    expect(prefix.bits).toBeGreaterThan(29 * 8)
    for (let leaf = from; leaf < to; leaf++) {
      expect(prefix.contains(leafKey(leaves, leaf))).toBe(true)
    }
  })
})
