import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { randomLeaves } from '../../test/support/trie/randomLeaves.ts'
import { EMPTY_ROOT } from '../account/emptyHashes.ts'
import { toHex } from '../base/bytes/hex.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import { SeededRandom } from '../served/changing/SeededRandom.ts'
import { branchOf } from '../trie/branchOf.ts'
import { decodeNode } from '../trie/decodeNode.ts'
import { MemoryTrie, type TrieEntry } from '../trie/memory/MemoryTrie.ts'
import { bytesToNibbles, commonPrefixLength } from '../trie/nibbles.ts'
import { createVerifier } from './createVerifier.ts'

const outOfOrder = expect.objectContaining({ name: 'LeafOrderError', code: 'LEAF_ORDER' })
const entry = (key: number[], ...value: number[]): TrieEntry => [
  Uint8Array.from(key),
  Uint8Array.from(value),
]

for (const build of ['simd', 'plain', 'js'] as const) {
  const verifier = await createVerifier({ build })
  const random = new SeededRandom()

  describe(`root builder of ${build}, seed ${random.seed}`, () => {
    it('gives one root however the leaves are cut into batches', () => {
      for (let round = 0; round < 300; round++) {
        const leaves = randomLeaves(random, 60)
        const keySize = leaves[0]![0].length
        const builder = verifier.rootBuilder()
        for (let start = 0; start < leaves.length; ) {
          const end = start + random.below(8)
          const batch = packLeaves(leaves.slice(start, end), keySize)
          builder.add(batch)
          // A batch belongs to its caller again once it was added.
          batch.keys.fill(0)
          batch.values.fill(0)
          start = end
        }
        expect(toHex(builder.root())).toBe(toHex(MemoryTrie.from(leaves).root))
      }
    })

    it('takes values of any size, of which the long ones are encoded elsewhere in wasm', () => {
      for (let round = 0; round < 60; round++) {
        const trie = MemoryTrie.from(
          Array.from({ length: 1 + random.below(60) }, () => {
            const size = random.pick([40, 80, 600, 1_500])
            return [random.bytes(32), random.bytes(1 + random.below(size))]
          }),
        )
        const builder = verifier.rootBuilder()
        builder.add(packLeaves([...trie.leaves()], 32))
        expect(toHex(builder.root())).toBe(toHex(trie.root))
      }
    })

    it('refers to the branch at which leaves part, without what is above it', () => {
      for (let round = 0; round < 300; round++) {
        const leaves = randomLeaves(random, 60)
        if (leaves.length < 2) continue
        const trie = MemoryTrie.from(leaves)
        const sorted = [...trie.leaves()]
        const packed = packLeaves(sorted, sorted[0]![0].length)
        const [first, last] = [sorted[0]![0], sorted.at(-1)![0]].map(bytesToNibbles)
        const path = first!.subarray(0, commonPrefixLength(first!, last!))
        const node = trie.node(path)
        const reference = verifier.branchOf(packed)
        if (node instanceof Uint8Array && node.length >= 32) {
          expect(toHex(reference)).toBe(`0xa0${toHex(keccak_256(node)).slice(2)}`)
        } else {
          expect(reference.length).toBeLessThan(32)
          expect(decodeNode(reference).kind).toBe('branch')
        }
        expect(toHex(reference)).toBe(toHex(branchOf(packed, keccak_256)))
      }
    })

    it('gives the roots of many small tries at once', () => {
      for (let round = 0; round < 100; round++) {
        const tries = Array.from({ length: 1 + random.below(20) }, (_, index) => {
          const slots = MemoryTrie.from(
            Array.from({ length: 1 + random.below(random.below(4) === 0 ? 60 : 3) }, () => {
              return [random.bytes(32), random.bytes(1 + random.below(33))]
            }),
          )
          return { account: new Uint8Array(32).fill(index), slots }
        })
        const entries = tries.flatMap(({ account, slots }) =>
          [...slots.leaves()].map(([key, value]) => [concatBytes(account, key), value] as const),
        )
        const counts = tries.map(({ slots }) => slots.count)
        const roots = verifier.storageRoots(packLeaves(entries, 64), counts)
        expect(toHex(roots)).toBe(toHex(concatBytes(...tries.map(({ slots }) => slots.root))))
      }
      const key = new Uint8Array(64)
      const two = [[key.fill(1), Uint8Array.of(1)] as const, [key, Uint8Array.of(1)] as const]
      expect(() => verifier.storageRoots(packLeaves(two, 64), [2])).toThrow(outOfOrder)
      const none = packLeaves([[key, new Uint8Array()]], 64)
      expect(() => verifier.storageRoots(none, [1])).toThrow(outOfOrder)
    })

    it('takes turns with other builders and with proofs', () => {
      const tries = [40, 40].map((most) => MemoryTrie.from(randomLeaves(random, most)))
      const builders = tries.map(() => verifier.rootBuilder())
      const sources = tries.map((trie) => [...trie.leaves()])
      for (let index = 0; index < 40; index++) {
        sources.forEach((leaves, which) => {
          const leaf = leaves[index]
          if (leaf === undefined) return
          const one = packLeaves([leaf], leaf[0].length)
          builders[which]!.add(one)
          const { root } = tries[which]!
          const proof = tries[which]!.prove(leaf[0])
          verifier.verifyRange({ root, origin: leaf[0], leaves: one, proof })
        })
      }
      expect(builders.map((builder) => toHex(builder.root()))).toEqual(
        tries.map((trie) => toHex(trie.root)),
      )
    })

    it('gives the root of the empty trie for no leaves, and a root twice', () => {
      const builder = verifier.rootBuilder()
      builder.add(packLeaves([]))
      expect([builder.root(), builder.root()].map(toHex)).toEqual([EMPTY_ROOT, EMPTY_ROOT])
      const other = verifier.rootBuilder()
      other.add(packLeaves([entry([1], 1)], 1))
      expect(other.root()).toEqual(other.root())
    })

    it.each<[string, TrieEntry[][]]>([
      ['descending in a batch', [[entry([2], 1), entry([1], 1)]]],
      ['the same twice in a batch', [[entry([1], 1), entry([1], 1)]]],
      ['descending over batches', [[entry([2], 1)], [entry([1], 1)]]],
      ['the same again in the next batch', [[entry([1], 1)], [entry([1], 1)]]],
      ['an empty value', [[entry([1], 1), entry([2])]]],
    ])('refuses %s', (_, batches) => {
      const builder = verifier.rootBuilder()
      expect(() => {
        for (const batch of batches) builder.add(packLeaves(batch, 1))
      }).toThrow(outOfOrder)
    })

    it('refuses keys of another size, and sizes that do not fit', () => {
      const refused = expect.objectContaining({ code: 'LEAF_SHAPE' })
      const builder = verifier.rootBuilder()
      builder.add(packLeaves([entry([1], 1)], 1))
      expect(() => builder.add(packLeaves([entry([2, 2], 1)], 2))).toThrow(refused)
      const torn = { ...packLeaves([entry([2], 1)], 1), count: 2 }
      expect(() => builder.add(torn)).toThrow(refused)
    })
  })
}
