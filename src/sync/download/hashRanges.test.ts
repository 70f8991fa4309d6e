import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bigIntToHash, hashToBigInt, KEY_SPACE } from '../../base/bytes/hash32.ts'
import { toHex } from '../../base/bytes/hex.ts'
import { accountTasks } from '../journal/AccountTask.ts'
import { hashRanges } from './hashRanges.ts'

const hash = (start: string, fill: string, end = '') => {
  return `0x${start.padEnd(64 - end.length, fill)}${end}`
}

describe('hashRanges', () => {
  // First key, and the last key of each range.
  it.each([
    [hash('', '0'), [hash('3', 'f'), hash('7', 'f'), hash('b', 'f'), hash('', 'f')]],
    [hash('2', '0'), [hash('8', 'f'), hash('', 'f')]],
    [hash('', '0'), [hash('', '5'), hash('', 'a', 'b'), hash('', 'f')]],
    [hash('2', '0'), [hash('6', 'a'), hash('b', '5'), hash('', 'f')]],
    [hash('', 'f', '0'), [hash('', 'f', '5'), hash('', 'f', 'b'), hash('', 'f')]],
  ])('split the key space from %s (TestHashRanges)', (first, ends) => {
    const start = bigIntToHash(BigInt(first))
    const ranges = hashRanges(start, ends.length)
    expect(ranges.map(({ last }) => toHex(last))).toEqual(ends)
  })

  it('are the chunks of accounts', () => {
    const chunks = accountTasks().map(({ first, last }) => ({ first, last }))
    expect(hashRanges(new Uint8Array(32), chunks.length)).toEqual(chunks)
  })

  it('cover the rest of the key space without gap or overlap', () => {
    const start = fc.oneof(
      fc.bigInt(0n, KEY_SPACE - 1n),
      fc.bigInt(1n, 40n).map((left) => KEY_SPACE - left),
    )
    fc.assert(
      fc.property(start, fc.integer({ min: 1, max: 20 }), (from, count) => {
        const ranges = hashRanges(bigIntToHash(from), count)
        expect(ranges.length).toBeLessThanOrEqual(count)
        let next = from
        for (const { first, last } of ranges) {
          expect(hashToBigInt(first)).toBe(next)
          expect(hashToBigInt(last)).toBeGreaterThanOrEqual(next)
          next = hashToBigInt(last) + 1n
        }
        expect(next).toBe(KEY_SPACE)
      }),
    )
  })
})
