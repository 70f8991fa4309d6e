import { createMerkleProof, createMPT } from '@ethereumjs/mpt'
import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { EMPTY_ROOT } from './emptyHashes.ts'
import { MemoryTrie, type TrieEntry } from './MemoryTrie.ts'
import { bytesToNibbles } from './nibbles.ts'

/** Keys of one size that share many prefixes; values short enough that many nodes are embedded. */
const entries = fc.integer({ min: 1, max: 4 }).chain((keySize) =>
  fc.uniqueArray(
    fc.tuple(
      fc.array(fc.constantFrom(0, 1, 0x10, 0x11, 0xff), {
        minLength: keySize,
        maxLength: keySize,
      }),
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
    ),
    { minLength: 1, maxLength: 40, selector: ([key]) => key.join() },
  ),
)

async function oracle(leaves: readonly TrieEntry[]) {
  const trie = await createMPT()
  for (const [key, value] of leaves) await trie.put(key, value)
  return trie
}

describe('MemoryTrie', () => {
  it('has the root and the proofs of @ethereumjs/mpt', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async (drawn) => {
        const leaves = drawn.map(([key, value]) => [Uint8Array.from(key), value] as const)
        const trie = MemoryTrie.from(leaves)
        const expected = await oracle(leaves)
        expect(toHex(trie.root)).toBe(toHex(expected.root()))
        const absent = leaves.map(([key]) => key.map((byte) => byte ^ 1))
        for (const key of [...leaves.map(([key]) => key), ...absent]) {
          // mpt lists embedded nodes too.
          const proof = (await createMerkleProof(expected, key)).filter(
            (node, index) => index === 0 || node.length >= 32,
          )
          expect(trie.prove(key).map(toHex)).toEqual(proof.map((node) => toHex(node)))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('lists its leaves from a key on, and finds single ones', () => {
    fc.assert(
      fc.property(entries, (drawn) => {
        const leaves = drawn.map(([key, value]) => [Uint8Array.from(key), value] as const)
        const trie = MemoryTrie.from(leaves)
        const sorted = leaves.map(([key]) => toHex(key)).sort()
        expect(trie.count).toBe(leaves.length)
        expect([...trie.leaves()].map(([key]) => toHex(key))).toEqual(sorted)
        for (const [key, value] of leaves) {
          expect(trie.get(key)).toBe(value)
          const from = [...trie.leaves(key)].map(([found]) => toHex(found))
          expect(from).toEqual(sorted.filter((other) => other >= toHex(key)))
        }
      }),
    )
  })

  it('gives every node at its path, and tells embedded ones from absent ones', () => {
    fc.assert(
      fc.property(entries, (drawn) => {
        const leaves = drawn.map(([key, value]) => [Uint8Array.from(key), value] as const)
        const trie = MemoryTrie.from(leaves)
        for (const [key] of leaves) {
          const path = bytesToNibbles(key)
          const found: string[] = []
          for (let depth = 0; depth <= path.length; depth++) {
            const node = trie.node(path.subarray(0, depth))
            if (node instanceof Uint8Array) found.push(toHex(node))
          }
          expect(found).toEqual(trie.prove(key).map(toHex))
          expect(trie.node(Uint8Array.of(...path, 0))).toBeUndefined()
        }
      }),
    )
  })

  it('tells an embedded node', () => {
    const trie = MemoryTrie.from([
      [Uint8Array.of(0x00), Uint8Array.of(1)],
      [Uint8Array.of(0x10), Uint8Array.of(2)],
    ])
    expect(trie.node(Uint8Array.of())).toBeInstanceOf(Uint8Array)
    expect(trie.node(Uint8Array.of(1))).toBe('embedded')
    expect(trie.node(Uint8Array.of(2))).toBeUndefined()
    expect(trie.node(Uint8Array.of(1, 0))).toBeUndefined()
    expect(trie.prove(Uint8Array.of(0x10))).toHaveLength(1)
  })

  it('may be empty', () => {
    const trie = MemoryTrie.from([])
    expect(toHex(trie.root)).toBe(EMPTY_ROOT)
    expect(trie.count).toBe(0)
    expect(trie.prove(new Uint8Array(32))).toEqual([])
    expect(trie.node(Uint8Array.of())).toBeUndefined()
    expect([...trie.leaves(new Uint8Array(32))]).toEqual([])
  })

  it('may have one leaf, whose node is the root', () => {
    const key = keccak_256(Uint8Array.of(7))
    const trie = MemoryTrie.from([[key, Uint8Array.of(1)]])
    const [root] = trie.prove(key)
    expect(trie.prove(new Uint8Array(32))).toEqual([root])
    expect(keccak_256(root!)).toEqual(trie.root)
    expect(trie.node(Uint8Array.of())).toEqual(root)
  })

  it('refuses a key that occurs twice, and an empty value', () => {
    const entry = [Uint8Array.of(1), Uint8Array.of(1)] as const
    expect(() => MemoryTrie.from([entry, entry])).toThrow(
      expect.objectContaining({ code: 'LEAF_ORDER' }),
    )
    expect(() => MemoryTrie.from([[Uint8Array.of(1), Uint8Array.of()]])).toThrow(
      expect.objectContaining({ code: 'LEAF_ORDER' }),
    )
  })
})
