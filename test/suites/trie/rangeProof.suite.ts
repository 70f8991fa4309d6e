import { describe, expect, it } from 'vitest'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import { MemoryTrie, type TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'
import { verifyProof } from '../../../src/trie/verifyProof.ts'
import type { RangeProofFault } from '../../../src/verifier/errors.ts'
import type { Verifier } from '../../../src/verifier/Verifier.ts'
import { randomTrie, smallKey } from '../../support/trie/randomTrie.ts'
import { shiftKey } from '../../support/trie/shiftKey.ts'
import { verifyRangeProof } from '../../support/trie/verifyRangeProof.ts'

const ZERO = new Uint8Array(32)
const LAST = new Uint8Array(32).fill(0xff)

const keysOf = (entries: readonly TrieEntry[]) => entries.map(([key]) => key)
const valuesOf = (entries: readonly TrieEntry[]) => entries.map(([, value]) => value)
const text = (value: string) => new TextEncoder().encode(value)

/** The proofs of several keys as one set. */
const proofOf = (trie: MemoryTrie, ...keys: Uint8Array[]) => keys.flatMap((key) => trie.prove(key))

const fault = (name: RangeProofFault) =>
  expect.objectContaining({ name: 'RangeProofError', code: 'RANGE_PROOF', fault: name })
const anyFault = expect.objectContaining({ name: 'RangeProofError', code: 'RANGE_PROOF' })

/**
 * The range and single-key proof tests of the reference implementation, by their names.
 *
 * @param rounds how many random cases, where it draws hundreds
 */
export function rangeProofSuite(verifier: Verifier, rounds: number): void {
  const random = new SeededRandom()

  const verify = (
    trie: MemoryTrie,
    origin: Uint8Array,
    entries: readonly TrieEntry[],
    proof: readonly Uint8Array[] | undefined,
  ) => verifyRangeProof(verifier, trie.root, origin, keysOf(entries), valuesOf(entries), proof)

  const verifyOne = (trie: MemoryTrie, key: Uint8Array, proof: readonly Uint8Array[]) =>
    verifyProof(trie.root, key, proof, (input) => verifier.keccak256(input))

  /** `start` below `end`, both places in a list of `count`. */
  const drawRange = (count: number) => {
    const start = random.below(count)
    return { start, end: start + 1 + random.below(count - start) }
  }

  describe(`range proofs by ${verifier.build}, seed ${random.seed}`, () => {
    const trie = randomTrie(random, 4096)
    const all = [...trie.leaves()]

    it('TestProof', () => {
      const small = randomTrie(random, 500)
      for (const [key, value] of small.leaves()) {
        expect(verifyOne(small, key, small.prove(key))).toEqual(value)
      }
    })

    it('TestOneElementProof', () => {
      const one = MemoryTrie.from([[text('k'), text('v')]])
      const proof = one.prove(text('k'))
      expect(proof).toHaveLength(1)
      expect(verifyOne(one, text('k'), proof)).toEqual(text('v'))
    })

    it('TestBadProof', () => {
      const small = randomTrie(random, 800)
      for (const [key] of small.leaves()) {
        const proof = small.prove(key)
        const place = random.below(proof.length)
        const node = proof[place]!.slice()
        const at = random.below(node.length)
        node[at] = node[at]! ^ (1 + random.below(255))
        proof[place] = node
        expect(() => verifyOne(small, key, proof)).toThrow(
          expect.objectContaining({ code: 'MISSING_NODE' }),
        )
      }
    })

    it('TestMissingKeyProof', () => {
      const one = MemoryTrie.from([[text('k'), text('v')]])
      for (const key of ['a', 'j', 'l', 'z']) {
        const proof = one.prove(text(key))
        expect(proof).toHaveLength(1)
        expect(verifyOne(one, text(key), proof)).toBeUndefined()
      }
    })

    it('TestRangeProof', () => {
      for (let round = 0; round < rounds; round++) {
        const { start, end } = drawRange(all.length)
        const range = all.slice(start, end)
        const [first, last] = [range[0]![0], range.at(-1)![0]]
        expect(verify(trie, first, range, proofOf(trie, first, last))).toBe(end < all.length)
      }
    })

    it('TestRangeProofWithNonExistentProof', () => {
      for (let round = 0; round < rounds; round++) {
        const { start, end } = drawRange(all.length)
        const range = all.slice(start, end)
        const origin = shiftKey(range[0]![0], -1)
        // The key before is one of the trie's own, or there is none before.
        if (start > 0 && compareBytes(origin, all[start - 1]![0]) === 0) continue
        if (compareBytes(origin, range[0]![0]) > 0) continue
        const proof = proofOf(trie, origin, range.at(-1)![0])
        expect(verify(trie, origin, range, proof)).toBe(end < all.length)
      }
    })

    it('TestRangeProofWithInvalidNonExistentProof', () => {
      // A gap between the left edge and the first leaf.
      const [start, end] = [100, 200]
      const origin = shiftKey(all[start]![0], -1)
      const range = all.slice(start + 5, end)
      const proof = proofOf(trie, origin, range.at(-1)![0])
      expect(() => verify(trie, origin, range, proof)).toThrow(fault('invalid proof'))
    })

    it('TestOneElementRangeProof', () => {
      const range = [all[1000]!]
      const key = range[0]![0]
      const before = shiftKey(key, -1)
      const after = shiftKey(key, 1)
      expect(verify(trie, key, range, proofOf(trie, key))).toBe(true)
      expect(verify(trie, before, range, proofOf(trie, before, key))).toBe(true)
      expect(verify(trie, key, range, proofOf(trie, key, after))).toBe(true)
      expect(verify(trie, before, range, proofOf(trie, before, key, after))).toBe(true)

      const one = MemoryTrie.from([[random.bytes(32), random.bytes(20)]])
      const [only] = [...one.leaves()]
      expect(verify(one, ZERO, [only!], proofOf(one, ZERO, only![0]))).toBe(false)
    })

    it('TestAllElementsProof', () => {
      const [first, last] = [all[0]![0], all.at(-1)![0]]
      expect(verify(trie, ZERO, all, undefined)).toBe(false)
      expect(verify(trie, first, all, proofOf(trie, first, last))).toBe(false)
      expect(verify(trie, ZERO, all, proofOf(trie, ZERO, last))).toBe(false)
    })

    it('TestSingleSideRangeProof', () => {
      for (let round = 0; round < 64; round++) {
        const entries = Array.from(
          { length: 64 },
          () => [random.bytes(32), random.bytes(20)] as const,
        )
        const small = MemoryTrie.from(entries)
        const sorted = [...small.leaves()]
        for (const end of [0, 1, 15, 31, 47, 62, 63]) {
          const range = sorted.slice(0, end + 1)
          const proof = proofOf(small, ZERO, range.at(-1)![0])
          expect(verify(small, ZERO, range, proof)).toBe(end < 63)
        }
      }
    })

    it('TestBadRangeProof', () => {
      const mutations: Record<string, (range: [Uint8Array, Uint8Array][], at: number) => boolean> =
        {
          'modified key': (range, at) => {
            range[at]![0] = random.bytes(32)
            return true
          },
          'modified value': (range, at) => {
            range[at]![1] = random.bytes(20)
            return true
          },
          gap: (range, at) => {
            // Without an edge it is another range, and a true one.
            if (at === 0 || at === range.length - 1) return false
            range.splice(at, 1)
            return true
          },
          'out of order': (range, at) => {
            const other = random.below(range.length)
            if (other === at) return false
            ;[range[at], range[other]] = [range[other]!, range[at]!]
            return true
          },
          'nil key': (range, at) => {
            range[at]![0] = new Uint8Array()
            return true
          },
          'nil value': (range, at) => {
            range[at]![1] = new Uint8Array()
            return true
          },
        }
      const names = Object.keys(mutations)
      for (let round = 0; round < rounds; round++) {
        const { start, end } = drawRange(all.length)
        const range = all
          .slice(start, end)
          .map(([key, value]): [Uint8Array, Uint8Array] => [key, value])
        const [first, last] = [range[0]![0], range.at(-1)![0]]
        const name = names[round % names.length]!
        if (!mutations[name]!(range, random.below(range.length))) continue
        expect(() => verify(trie, first, range, proofOf(trie, first, last)), name).toThrow(anyFault)
      }
    })

    it('TestGappedRangeProof', () => {
      const entries = Array.from({ length: 10 }, (_, n) => [smallKey(n), Uint8Array.of(n)] as const)
      const small = MemoryTrie.from(entries)
      const [start, end] = [2, 8]
      const proof = proofOf(small, smallKey(start), smallKey(end - 1))
      const gapped = entries.slice(start, end).filter((_, n) => n !== (end - start) / 2)
      expect(() => verify(small, smallKey(start), gapped, proof)).toThrow(fault('invalid proof'))
    })

    it('TestSameSideProofs', () => {
      const [key, value] = all[2000]!
      const [before, first] = [shiftKey(shiftKey(key, -1), -1), shiftKey(key, -1)]
      expect(() => verify(trie, before, [[first, value]], proofOf(trie, before, first))).toThrow(
        fault('invalid proof'),
      )
      const [after, end] = [shiftKey(key, 1), shiftKey(shiftKey(key, 1), 1)]
      expect(() => verify(trie, after, [[key, value]], proofOf(trie, after, end))).toThrow(
        fault('unexpected key-value pairs preceding the requested range'),
      )
    })

    it('TestHasRightElement', () => {
      const cases = [
        { start: -1, end: 1, more: true },
        { start: 0, end: 1, more: true },
        { start: 0, end: 10, more: true },
        { start: 50, end: 100, more: true },
        { start: 50, end: all.length, more: false },
        { start: all.length - 1, end: all.length, more: false },
        { start: 0, end: all.length, more: false },
        { start: -1, end: all.length, more: false },
      ]
      for (const { start, end, more } of cases) {
        const range = all.slice(Math.max(start, 0), end)
        const origin = start < 0 ? ZERO : range[0]![0]
        expect(verify(trie, origin, range, proofOf(trie, origin, range.at(-1)![0]))).toBe(more)
      }
    })

    it('TestEmptyRangeProof', () => {
      const end = shiftKey(all.at(-1)![0], 1)
      expect(verify(trie, end, [], proofOf(trie, end))).toBe(false)
      expect(verify(trie, LAST, [], proofOf(trie, LAST))).toBe(false)
      const middle = shiftKey(all[500]![0], 1)
      expect(() => verify(trie, middle, [], proofOf(trie, middle))).toThrow(
        fault('more entries available'),
      )
      const there = all.at(-1)![0]
      expect(() => verify(trie, there, [], proofOf(trie, there))).toThrow(
        fault('more entries available'),
      )
    })

    it('TestBloatedProof', () => {
      const small = randomTrie(random, 100)
      const sorted = [...small.leaves()]
      const everything = proofOf(small, ...keysOf(sorted))
      const range = [sorted[Math.floor(sorted.length / 2)]!]
      expect(verify(small, range[0]![0], range, everything)).toBe(true)
    })

    it('TestEmptyValueRangeProof', () => {
      const middle = Math.floor(all.length / 2)
      const start = middle - 10
      const range = all.slice(start, middle + 10)
      const empty = [shiftKey(all[middle]![0], 1), new Uint8Array()] as const
      const extended = [...range.slice(0, 11), empty, ...range.slice(11)]
      const proof = proofOf(trie, range[0]![0], range.at(-1)![0])
      expect(verify(trie, range[0]![0], range, proof)).toBe(true)
      expect(() => verify(trie, range[0]![0], extended, proof)).toThrow(
        fault('range contains deletion'),
      )
    })

    it('TestAllElementsEmptyValueRangeProof', () => {
      const middle = Math.floor(all.length / 2)
      const empty = [shiftKey(all[middle]![0], 1), new Uint8Array()] as const
      const extended = [...all.slice(0, middle + 1), empty, ...all.slice(middle + 1)]
      expect(() => verify(trie, ZERO, extended, undefined)).toThrow(
        fault('range contains deletion'),
      )
    })

    it('TestRangeProofKeysWithSharedPrefix', () => {
      const key = (second: number) => {
        const bytes = new Uint8Array(32)
        bytes.set([0xaa, second])
        return bytes
      }
      const entries = [
        [key(0x10), Uint8Array.of(2)],
        [key(0x20), Uint8Array.of(3)],
      ] as const
      const small = MemoryTrie.from(entries)
      expect(verify(small, ZERO, entries, proofOf(small, ZERO, key(0x20)))).toBe(false)
    })

    it('TestRangeProofErrors', () => {
      const check = (keys: number[][], values: number[][]) => () =>
        verifyRangeProof(
          verifier,
          new Uint8Array(32),
          Uint8Array.of(0x10),
          keys.map((key) => Uint8Array.from(key)),
          values.map((value) => Uint8Array.from(value)),
          undefined,
        )
      expect(check([[1], [2]], [[1]])).toThrow('inconsistent proof data, keys: 2, values: 1')
      expect(check([[2], [1]], [[1], [1]])).toThrow('range is not monotonically increasing')
      expect(check([[1], [1]], [[1], [1]])).toThrow('range is not monotonically increasing')
      expect(check([[1], [1, 2]], [[1], [1]])).toThrow('range contains path prefixes')
      expect(check([[1], [2]], [[1], []])).toThrow('range contains deletion')
    })
  })
}
