import { BranchMPTNode, ExtensionMPTNode, LeafMPTNode } from '@ethereumjs/mpt'
import { emptyRoot } from '../../../src/account/emptyHashes.ts'
import { bytesToNibbles } from '../../../src/trie/nibbles.ts'

/** Nibbles of a key, and its value. */
type Path = readonly [nibbles: number[], value: Uint8Array]

type LibraryNode = BranchMPTNode | ExtensionMPTNode | LeafMPTNode

type Reference = Parameters<BranchMPTNode['setBranch']>[1]

/**
 * The root of a trie of leaves, made of the nodes of `@ethereumjs/mpt` from the leaves up: each is
 * encoded once, where the library's own trie encodes and hashes a whole path with every leaf, some
 * hundred times more work.
 *
 * @param leaves in ascending order of their keys, all of one size
 */
export function libraryRoot(
  leaves: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
  keccak256: (input: Uint8Array) => Uint8Array,
): Uint8Array {
  const paths = Array.from(leaves, ([key, value]): Path => [[...bytesToNibbles(key)], value])
  if (paths.length === 0) return emptyRoot()
  return keccak256(node(paths, 0).serialize())

  function node(under: readonly Path[], depth: number): LibraryNode {
    const [first, value] = under[0]!
    if (under.length === 1) return new LeafMPTNode(first.slice(depth), value)
    const [last] = under.at(-1)!
    const fork = first.findIndex((nibble, at) => nibble !== last[at])
    if (fork > depth) {
      // The library types the child as bytes, and encodes a nested one as well.
      return new ExtensionMPTNode(first.slice(depth, fork), reference(under, fork) as Uint8Array)
    }
    const branch = new BranchMPTNode()
    for (let from = 0, to = 0; from < under.length; from = to) {
      const nibble = under[from]![0][depth]!
      while (to < under.length && under[to]![0][depth] === nibble) to++
      branch.setBranch(nibble, reference(under.slice(from, to), depth + 1))
    }
    return branch
  }

  /** What stands for a node in its parent: its hash, or itself where it is shorter. */
  function reference(under: readonly Path[], depth: number): Reference {
    const child = node(under, depth)
    const encoded = child.serialize()
    return encoded.length < 32 ? (child.raw() as Reference) : keccak256(encoded)
  }
}
