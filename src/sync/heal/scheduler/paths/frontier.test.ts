import { describe, expect, it } from 'vitest'
import { encodeNode } from '../../../../trie/encodeNode.ts'
import { hashReference } from '../../../../trie/nodeReference.ts'
import type { NodeReference } from '../../../../trie/TrieNode.ts'
import { frontier } from './frontier.ts'

const path = (...nibbles: number[]) => Uint8Array.from(nibbles)
const hash = new Uint8Array(32).fill(7)
const value = path(9)

function branch(children: Record<number, NodeReference>): Uint8Array {
  return encodeNode({
    kind: 'branch',
    children: Array.from({ length: 16 }, (_, nibble) => children[nibble]),
  })
}
const leaf = (...nibbles: number[]) => encodeNode({ kind: 'leaf', path: path(...nibbles), value })
const extension = (child: NodeReference, ...nibbles: number[]) =>
  encodeNode({ kind: 'extension', path: path(...nibbles), child })

describe('frontier', () => {
  it('of a leaf is the leaf', () => {
    expect(frontier(leaf(1, 2), path(3, 4), 4)).toEqual([{ path: path(3, 4, 1, 2), value }])
  })

  it('of an extension is its child', () => {
    const encoded = extension(hashReference(hash), 1, 2)
    expect(frontier(encoded, path(3), 4)).toEqual([{ path: path(3, 1, 2), hash }])
  })

  it('looks through embedded nodes, and is ascending', () => {
    const inner = extension(branch({ 3: leaf(), 4: leaf() }), 1)
    const encoded = branch({
      0: hashReference(hash),
      5: inner,
      7: leaf(1, 2),
      8: hashReference(hash),
    })
    expect(frontier(encoded, path(15), 4)).toEqual([
      { path: path(15, 0), hash },
      { path: path(15, 5, 1, 3), value },
      { path: path(15, 5, 1, 4), value },
      { path: path(15, 7, 1, 2), value },
      { path: path(15, 8), hash },
    ])
  })

  it.each<[string, Uint8Array]>([
    ['bytes that are no node', path(1, 2, 3)],
    ['no bytes', path()],
    ['a leaf whose key is short', leaf(1)],
    ['a leaf whose key is long', leaf(1, 2, 3, 4)],
    ['an extension that takes all of a key', extension(hashReference(hash), 1, 2, 3)],
    ['an extension beyond a key', extension(hashReference(hash), 1, 2, 3, 4)],
    ['an embedded leaf of another length', branch({ 2: leaf(1) })],
    ['an embedded extension that takes all of a key', branch({ 1: extension(leaf(1), 1, 2) })],
  ])('refuses %s', (_, encoded) => {
    expect(() => frontier(encoded, path(3), 4)).toThrow(
      expect.objectContaining({ name: 'TrieNodeError', code: 'TRIE_NODE' }),
    )
  })

  it('refuses a branch at the end of a key', () => {
    expect(() => frontier(branch({ 1: hashReference(hash) }), path(1, 2, 3, 4), 4)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('branch below the end of a key'),
      }),
    )
  })
})
