import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { referenceHealEntries } from '../../test/support/trie/referenceState.ts'
import { compareBytes } from '../base/bytes/compareBytes.ts'
import { bytesToNibbles } from './nibbles.ts'
import { hashReference } from './nodeReference.ts'
import { StackTrie } from './StackTrie.ts'

const outOfOrder = expect.objectContaining({ name: 'LeafOrderError', code: 'LEAF_ORDER' })
const stub = hashReference(new Uint8Array(32).fill(7))
const path = (...nibbles: number[]) => Uint8Array.from(nibbles)

describe('StackTrie', () => {
  it('gives out each node that has a hash, once', () => {
    const nodes: Uint8Array[] = []
    const trie = new StackTrie(keccak_256, (hash, encoded) => {
      expect(hash).toEqual(keccak_256(encoded))
      nodes.push(encoded)
    })
    const entries = referenceHealEntries().sort(([a], [b]) => compareBytes(a, b))
    for (const [key, value] of entries) trie.addLeaf(bytesToNibbles(key), value)
    expect(trie.root()).toEqual(keccak_256(nodes.at(-1)!))
    // As many as the reference implementation stores for this trie.
    expect(nodes).toHaveLength(4121)
  })

  it('puts a stub where its subtrie was', () => {
    const leaf = (trie: StackTrie, first: number, second: number) =>
      trie.addLeaf(path(first, second), new Uint8Array(40).fill(first * 16 + second))
    const whole = new StackTrie(keccak_256)
    for (const first of [1, 2, 3]) for (const second of [1, 2]) leaf(whole, first, second)

    const parts = new StackTrie(keccak_256)
    leaf(parts, 1, 1)
    leaf(parts, 1, 2)
    const branch = new StackTrie(keccak_256)
    branch.addLeaf(path(1), new Uint8Array(40).fill(0x21))
    branch.addLeaf(path(2), new Uint8Array(40).fill(0x22))
    parts.addStub(path(2), hashReference(branch.root()))
    leaf(parts, 3, 1)
    leaf(parts, 3, 2)
    expect(parts.root()).toEqual(whole.root())
  })

  it.each<[string, (trie: StackTrie) => void]>([
    ['a stub that has no branch above', (trie) => trie.addStub(path(2, 3), stub)],
    ['a stub below a leaf', (trie) => trie.addStub(path(1, 1, 1), stub)],
    ['a stub above a leaf', (trie) => trie.addStub(path(1), stub)],
    ['a stub before a leaf', (trie) => trie.addStub(path(0), stub)],
    ['a stub for all', (trie) => trie.addStub(path(), stub)],
    ['a leaf below a leaf', (trie) => trie.addLeaf(path(1, 1, 1), path(1))],
    ['a leaf without value', (trie) => trie.addLeaf(path(2, 2), path())],
  ])('refuses %s', (_, add) => {
    const trie = new StackTrie(keccak_256)
    trie.addLeaf(path(1, 1), path(1))
    expect(() => {
      add(trie)
      trie.root()
    }).toThrow(outOfOrder)
  })

  it('takes nothing after the root', () => {
    const trie = new StackTrie(keccak_256)
    trie.addLeaf(path(1, 1), path(1))
    const root = trie.root()
    expect(() => trie.addLeaf(path(2, 2), path(1))).toThrow(outOfOrder)
    expect(trie.root()).toEqual(root)
  })
})
