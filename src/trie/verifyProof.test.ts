import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { randomLeaves } from '../../test/support/trie/randomLeaves.ts'
import { emptyRoot } from '../account/emptyHashes.ts'
import { SeededRandom } from '../served/changing/SeededRandom.ts'
import { encodeNode } from './encodeNode.ts'
import { MemoryTrie } from './memory/MemoryTrie.ts'
import { hashReference } from './nodeReference.ts'
import { verifyProof } from './verifyProof.ts'

const random = new SeededRandom()

describe(`verifyProof, seed ${random.seed}`, () => {
  it('gives the value of every key, and nothing for every other', () => {
    for (let round = 0; round < 200; round++) {
      const trie = MemoryTrie.from(randomLeaves(random, 30))
      for (const [key] of trie.leaves()) {
        const other = key.map((byte) => byte ^ random.pick([0, 1, 0x10]))
        for (const wanted of [key, other]) {
          // In any order.
          const proof = trie.prove(wanted).reverse()
          expect(verifyProof(trie.root, wanted, proof, keccak_256)).toEqual(trie.get(wanted))
        }
      }
    }
  })

  it('believes no proof in which anything was changed or left out', () => {
    for (let round = 0; round < 2000; round++) {
      const trie = MemoryTrie.from(randomLeaves(random, 30))
      const [key] = random.pick([...trie.leaves()])
      const proof = trie.prove(key)
      const place = random.below(proof.length)
      const node = proof[place]!.slice()
      const at = random.below(node.length)
      node[at] = node[at]! ^ (1 << random.below(8))
      if (random.below(2) === 0) proof[place] = node
      else proof.splice(place, 1)
      expect(() => verifyProof(trie.root, key, proof, keccak_256)).toThrow(
        expect.objectContaining({ name: 'MissingNodeError', code: 'MISSING_NODE' }),
      )
    }
  })

  it('survives a root that a liar made', () => {
    for (let round = 0; round < 3000; round++) {
      const trie = MemoryTrie.from(randomLeaves(random, 6))
      const [key] = random.pick([...trie.leaves()])
      const node = trie.prove(key)[0]!.slice()
      const at = random.below(node.length)
      node[at] = random.below(256)
      try {
        verifyProof(keccak_256(node), key, [node], keccak_256)
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(MISSING_NODE|TRIE_NODE)$/) })
      }
    }
  })

  it('proves by its root alone that the empty trie has no key', () => {
    expect(verifyProof(emptyRoot(), new Uint8Array(32), [], keccak_256)).toBeUndefined()
  })

  it('refuses an extension that leaves no room for a branch, also beside the key', () => {
    const child = hashReference(new Uint8Array(32).fill(7))
    const node = encodeNode({ kind: 'extension', path: Uint8Array.of(1, 2), child })
    for (const key of [0x12, 0x34]) {
      expect(() => verifyProof(keccak_256(node), Uint8Array.of(key), [node], keccak_256)).toThrow(
        expect.objectContaining({ name: 'TrieNodeError', code: 'TRIE_NODE' }),
      )
    }
  })

  it('refuses a key of another length than those of the trie', () => {
    const trie = MemoryTrie.from([[Uint8Array.of(1, 2), Uint8Array.of(3)]])
    const proof = trie.prove(Uint8Array.of(1, 2))
    expect(() => verifyProof(trie.root, Uint8Array.of(1), proof, keccak_256)).toThrow(
      expect.objectContaining({ name: 'TrieNodeError', code: 'TRIE_NODE' }),
    )
  })
})
