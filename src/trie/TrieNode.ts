import type { NibblePath } from './nibbles.ts'

/**
 * How a node appears in its parent, as the RLP item that stands there: 33 bytes `0xa0 ‖ hash`, or,
 * where the node's encoding has less than 32 bytes, that encoding itself (an *embedded* node).
 */
export type NodeReference = Uint8Array

/** The end of a key, and its value. */
interface LeafNode {
  kind: 'leaf'
  /** What is left of the key below the parent; may be empty. */
  path: NibblePath
  /** Never empty. */
  value: Uint8Array
}

/** A stretch of path that all keys below have in common. Its child is a branch. */
interface ExtensionNode {
  kind: 'extension'
  /** Never empty. */
  path: NibblePath
  child: NodeReference
}

/** A fork: one child per next nibble; in a well-formed trie at least two of them. */
interface BranchNode {
  kind: 'branch'
  /** 16 places. */
  children: readonly (NodeReference | undefined)[]
}

/**
 * A node of a Merkle Patricia trie whose keys all have one size, as in every trie of Ethereum's
 * state. Therefore a branch has no value of its own.
 *
 * @see Yellow Paper, appendix D
 */
export type TrieNode = LeafNode | ExtensionNode | BranchNode
