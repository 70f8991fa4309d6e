import { bytesToHex } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCompactPath } from '../../../../trie/compactPath.ts'
import { bytesToNibbles } from '../../../../trie/nibbles.ts'
import { syncPath } from './syncPath.ts'
import { toPathSets } from './toPathSets.ts'

const ACCOUNT = '0123456789012345678901234567890101234567890123456789012345678901'
const nibbles = (path: string) => Uint8Array.from(path, (digit) => Number.parseInt(digit, 16))
const shown = (sets: readonly (readonly Uint8Array[])[]) =>
  sets.map((set) => set.map(bytesToHex).join(' '))

describe('syncPath', () => {
  it.each([
    ['', '00'],
    ['9', '19'],
    ['99', '0099'],
    [ACCOUNT, `${ACCOUNT} 00`],
    [`${ACCOUNT}9`, `${ACCOUNT} 19`],
    [`${ACCOUNT}99`, `${ACCOUNT} 0099`],
  ])('of %s is %s', (path, expected) => {
    expect(shown([syncPath(nibbles(path))])).toEqual([expected])
  })
})

describe('toPathSets', () => {
  it('TestRequestSorting', () => {
    const tails = ['95', '97', '96', '99', '9', '', '0', '1'].map((tail) => ACCOUNT + tail)
    const [a, b, c, ...rest] = tails as [string, string, string, ...string[]]
    const paths = ['9', a, b, c, '99', ...rest]
    expect(paths).toHaveLength(10)
    const { items, sets } = toPathSets(paths.map((path) => ({ path: nibbles(path), name: path })))
    const sorted = ['', '95', '96', '97', '99', '0', '1', '9'].map((tail) => ACCOUNT + tail)
    expect(items.map(({ name }) => name)).toEqual(['99', ...sorted, '9'])
    expect(shown(sets)).toEqual(['0099', `${ACCOUNT} 00 0095 0096 0097 0099 10 11 19`, '19'])
  })

  it('of nothing is nothing', () => {
    expect(toPathSets([])).toEqual({ items: [], sets: [] })
  })

  it('names each path once, each storage trie once, in the order of its items', () => {
    const nibble = fc.integer({ min: 0, max: 15 })
    const account = fc.constantFrom(0, 1, 0x13, 0xff).map((byte) => new Uint8Array(32).fill(byte))
    const path = fc.oneof(
      fc.array(nibble, { maxLength: 63 }).map((path) => Uint8Array.from(path)),
      fc
        .tuple(account, fc.array(nibble, { maxLength: 8 }))
        .map(([hash, tail]) => Uint8Array.of(...bytesToNibbles(hash), ...tail)),
    )
    const paths = fc.uniqueArray(path, { selector: (path) => path.join(), maxLength: 60 })
    fc.assert(
      fc.property(paths, (paths) => {
        const { items, sets } = toPathSets(paths.map((path) => ({ path })))
        const named = sets.flatMap(([first, ...tails]) =>
          tails.length === 0
            ? [decodeCompactPath(first!).path]
            : tails.map((tail) =>
                Uint8Array.of(...bytesToNibbles(first!), ...decodeCompactPath(tail).path),
              ),
        )
        expect(named.map(String)).toEqual(items.map(({ path }) => String(path)))
        expect(named.map(String).sort()).toEqual(paths.map(String).sort())
        const storages = sets.filter((set) => set.length > 1).map(([first]) => bytesToHex(first!))
        expect(new Set(storages).size).toBe(storages.length)
      }),
    )
  })
})
