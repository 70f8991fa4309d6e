import { createMerkleProof, createMPT } from '@ethereumjs/mpt'
import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY_ROOT } from '../../account/emptyHashes.ts'
import { toHex } from '../../base/bytes/hex.ts'
import { SeededRandom } from '../../served/changing/SeededRandom.ts'
import { bytesToNibbles } from '../nibbles.ts'
import { MemoryTrie, type TrieChange, type TrieEntry } from './MemoryTrie.ts'

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

/** Changes to a trie of such entries, in several steps. Many meet no leaf. */
const history = fc.integer({ min: 1, max: 4 }).chain((keySize) => {
  const key = fc.array(fc.constantFrom(0, 1, 0x10, 0x11, 0xff), {
    minLength: keySize,
    maxLength: keySize,
  })
  const value = fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 }), { nil: undefined })
  const changes = fc.uniqueArray(fc.tuple(key, value), {
    maxLength: 12,
    selector: ([drawn]) => drawn.join(),
  })
  const step = changes.map((drawn) =>
    drawn.map(([bytes, to]): TrieChange => [Uint8Array.from(bytes), to]),
  )
  return fc.array(step, { minLength: 1, maxLength: 8 })
})

/** All that a trie tells. */
function contents(trie: MemoryTrie) {
  const leaves = [...trie.leaves()]
  return {
    root: toHex(trie.root),
    leaves: leaves.map(([key, value]) => [toHex(key), toHex(value)]),
    at: leaves.map((_, index) => trie.at(index)),
    proofs: leaves.map(([key]) => trie.prove(key).map(toHex)),
    count: trie.count,
  }
}

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

  it('refuses keys of different sizes', () => {
    const long = [Uint8Array.of(1, 2), Uint8Array.of(1)] as const
    const short = [Uint8Array.of(1), Uint8Array.of(1)] as const
    const refusal = expect.objectContaining({ code: 'LEAF_ORDER' })
    expect(() => MemoryTrie.from([long, short])).toThrow(refusal)
    expect(() => MemoryTrie.from([long]).with([short])).toThrow(refusal)
    expect(() => MemoryTrie.from([long]).with([[short[0], undefined]])).toThrow(refusal)
  })

  describe('with changes', () => {
    it('is the trie that its leaves make up, and leaves the old one as it was', () => {
      fc.assert(
        fc.property(history, (steps) => {
          const leaves = new Map<string, TrieEntry>()
          let trie = MemoryTrie.from([])
          for (const changes of steps) {
            const old = trie
            const before = contents(old)
            trie = old.with(changes)
            for (const [key, value] of changes) {
              if (value === undefined) leaves.delete(toHex(key))
              else leaves.set(toHex(key), [key, value])
            }
            expect(contents(trie)).toEqual(contents(MemoryTrie.from(leaves.values())))
            expect(contents(old)).toEqual(before)
          }
        }),
        { numRuns: 300 },
      )
    })

    it('has the root of @ethereumjs/mpt', async () => {
      await fc.assert(
        fc.asyncProperty(history, async (steps) => {
          const expected = await createMPT()
          let trie = MemoryTrie.from([])
          for (const changes of steps) {
            trie = trie.with(changes)
            for (const [key, value] of changes) {
              if (value === undefined) await expected.del(key)
              else await expected.put(key, value)
            }
            expect(toHex(trie.root)).toBe(toHex(expected.root()))
          }
        }),
        { numRuns: 300 },
      )
    })

    it('is the same trie where nothing changes, and empty where all goes', () => {
      fc.assert(
        fc.property(entries, (drawn) => {
          const leaves = drawn.map(([key, value]) => [Uint8Array.from(key), value] as const)
          const trie = MemoryTrie.from(leaves)
          const absent = leaves
            .map(([key]): TrieChange => [key.map((byte) => byte ^ 2), undefined])
            .filter(([key]) => trie.get(key) === undefined)
          const copies = leaves.map(([key, value]) => [key, value.slice()] as const)
          expect(trie.with([])).toBe(trie)
          expect(trie.with(copies)).toBe(trie)
          expect(
            trie.with(new Map(absent.map((change) => [toHex(change[0]), change])).values()),
          ).toBe(trie)
          const emptied = trie.with(leaves.map(([key]) => [key, undefined]))
          expect(contents(emptied)).toEqual(contents(MemoryTrie.from([])))
        }),
      )
    })

    it('hashes what changed, whatever the size', () => {
      let hashed = 0
      const counting = (input: Uint8Array) => {
        hashed++
        return keccak_256(input)
      }
      const random = new SeededRandom(1)
      const leaves = Array.from(
        { length: 5000 },
        () => [random.bytes(32), random.bytes(40)] as const,
      )
      const trie = MemoryTrie.from(leaves, counting)
      // A leaf or more each, and some 1,600 branches.
      expect(hashed).toBeLessThan(7500)
      for (const change of [
        [leaves[7]![0], random.bytes(40)],
        [leaves[8]![0], undefined],
        [random.bytes(32), random.bytes(40)],
      ] as const) {
        hashed = 0
        trie.with([change])
        expect(hashed).toBeGreaterThan(2)
        // Leaves stand 3 to 6 deep; one that moves is hashed at its new place too.
        expect(hashed).toBeLessThan(10)
      }
    })
  })

  it('finds leaves by their number', () => {
    const keys = [3, 1, 2].map((byte) => Uint8Array.of(byte))
    const trie = MemoryTrie.from(keys.map((key) => [key, key]))
    expect([0, 1, 2].map((index) => trie.at(index)?.[0][0])).toEqual([1, 2, 3])
    expect([trie.at(-1), trie.at(3)]).toEqual([undefined, undefined])
  })
})
