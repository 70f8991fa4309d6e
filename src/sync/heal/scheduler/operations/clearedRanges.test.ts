import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesToNibbles } from '../../../../trie/nibbles.ts'
import { clearedRanges } from './clearedRanges.ts'

const path = (digits: string) => Uint8Array.from(digits, (digit) => Number.parseInt(digit, 16))
const low = (digits: string) => digits.padEnd(64, '0')
const high = (digits: string) => digits.padEnd(64, 'f')
const ACCOUNT = 'ab'.repeat(32)

const ranges = (at: string, ...keep: string[]) =>
  clearedRanges({ path: path(at), keep: keep.map(path) }).map(({ account, from, to }) => [
    ...(account === undefined ? [] : [bytesToHex(account)]),
    bytesToHex(from),
    bytesToHex(to),
  ])

describe('clearedRanges', () => {
  it('are the gaps beside and between what is kept', () => {
    expect(ranges('7', '71', '72')).toEqual([
      [low('70'), high('70')],
      [low('73'), high('7f')],
    ])
    expect(ranges('', '0', 'f')).toEqual([[low('1'), high('e')]])
    expect(ranges('7', '7000', '7fff')).toEqual([[low('7001'), high('7ffe')]])
  })

  it('are everything under the path where nothing is kept', () => {
    expect(ranges('')).toEqual([[low(''), high('')]])
    expect(ranges('12')).toEqual([[low('12'), high('12')]])
  })

  it('are none where all is kept', () => {
    expect(ranges('7', ...Array.from('0123456789abcdef', (nibble) => `7${nibble}`))).toEqual([])
  })

  it('are both sides of a leaf', () => {
    const [leaf, before, after] = ['7'.padEnd(64, '0'), `6${'f'.repeat(63)}`, `7${'0'.repeat(62)}1`]
    expect(ranges('', leaf)).toEqual([
      [low(''), before],
      [after, high('')],
    ])
    expect(ranges('', high(''))).toEqual([[low(''), `${'f'.repeat(63)}e`]])
    expect(ranges('', low(''))).toEqual([[`${'0'.repeat(63)}1`, high('')]])
  })

  it('are slots of one account below its path', () => {
    expect(ranges(ACCOUNT)).toEqual([[ACCOUNT, low(''), high('')]])
    expect(ranges(`${ACCOUNT}7`, `${ACCOUNT}71`)).toEqual([
      [ACCOUNT, low('70'), high('70')],
      [ACCOUNT, low('72'), high('7f')],
    ])
  })

  it('hold exactly the keys that are under the path and not kept', () => {
    const digits = (most: number) =>
      fc.array(fc.constantFrom(...'01f'), { maxLength: most }).map((all) => all.join(''))
    fc.assert(
      fc.property(digits(3), fc.array(digits(4)), fc.array(digits(8)), (at, tails, others) => {
        const all = [...new Set(tails.map((tail) => at + tail))].sort()
        // None begins another one.
        const keep = all.filter((kept) => !all.some((o) => o !== kept && kept.startsWith(o)))
        const found = ranges(at, ...keep)
        const probes = [...others, ...keep, at].flatMap((probe) => [low(probe), high(probe)])
        for (const key of probes) {
          expect(path(key)).toEqual(bytesToNibbles(hexToBytes(key)))
          const inside = found.filter(([from, to]) => from! <= key && key <= to!).length
          const gone = key.startsWith(at) && !keep.some((kept) => key.startsWith(kept))
          expect(inside).toBe(gone ? 1 : 0)
        }
        const ends = found.flat()
        expect(ends).toEqual([...ends].sort())
      }),
    )
  })
})
