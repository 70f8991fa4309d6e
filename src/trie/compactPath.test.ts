import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../base/bytes/hex.ts'
import { decodeCompactPath, encodeCompactPath } from './compactPath.ts'

const path = fc.uint8Array({ max: 15, maxLength: 64 })

describe('compact paths', () => {
  it.each([
    { nibbles: [1, 2, 3, 4, 5], isLeaf: false, encoded: '0x112345' },
    { nibbles: [0, 1, 2, 3, 4, 5], isLeaf: false, encoded: '0x00012345' },
    { nibbles: [0, 15, 1, 12, 11, 8], isLeaf: true, encoded: '0x200f1cb8' },
    { nibbles: [15, 1, 12, 11, 8], isLeaf: true, encoded: '0x3f1cb8' },
    { nibbles: [], isLeaf: false, encoded: '0x00' },
    { nibbles: [9], isLeaf: false, encoded: '0x19' },
    { nibbles: [9, 9], isLeaf: false, encoded: '0x0099' },
  ])('encodes $nibbles as $encoded', ({ nibbles, isLeaf, encoded }) => {
    expect(toHex(encodeCompactPath(Uint8Array.from(nibbles), isLeaf))).toBe(encoded)
  })

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(path, fc.boolean(), (nibbles, isLeaf) => {
        expect(decodeCompactPath(encodeCompactPath(nibbles, isLeaf))).toEqual({
          path: nibbles,
          isLeaf,
        })
      }),
    )
  })

  it('accepts nothing but what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
        try {
          const { path, isLeaf } = decodeCompactPath(bytes)
          expect(encodeCompactPath(path, isLeaf)).toEqual(bytes)
        } catch (error) {
          expect(error).toMatchObject({ name: 'TrieNodeError', code: 'TRIE_NODE' })
        }
      }),
      { numRuns: 2000 },
    )
  })

  it.each([[[]], [[0x40]], [[0x80, 1]], [[0x01, 2]], [[0x2f]]])('refuses %j', (bytes) => {
    expect(() => decodeCompactPath(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'TRIE_NODE' }),
    )
  })
})
