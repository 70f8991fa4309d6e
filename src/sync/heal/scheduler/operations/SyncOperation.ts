import type { NibblePath } from '../../../../trie/nibbles.ts'

/**
 * The node at `path` is on its way: from now on nothing that is stored between its parent and
 * itself counts as complete.
 *
 * - A store of nodes by path removes the nodes at all prefixes of `path` with more than `above`
 *   nibbles, `path` itself included. What stands below them may change before they are written
 *   again.
 * - A store of leaves heeds only paths of 64 nibbles. There the storage of an account is about to
 *   change: the account, and with it all nodes above, is incomplete until its leaf is written or
 *   cleared, even if its leaf in the store is right.
 * - A store of nodes by hash has nothing to do.
 */
export interface OpenOperation {
  kind: 'open'
  path: NibblePath
  /** Nibbles of the parent's path; −1 for the root. */
  above: number
}

/**
 * Everything stored at and below `path`, except at and below a path in `keep`, is not in the new
 * trie: leaves, nodes, accounts together with their storage. `clearedRanges` gives the same as
 * ranges of keys.
 */
export interface ClearOperation {
  kind: 'clear'
  path: NibblePath
  /** Paths below `path`, ascending; none begins another one. */
  keep: readonly NibblePath[]
}

/**
 * A leaf of the new trie. A store of nodes by path removes a node that stands at the leaf's whole
 * path, where it was a node of its own; at an account's path stands the root of its storage, which
 * remains.
 */
export interface LeafOperation {
  kind: 'leaf'
  /** The whole key in nibbles, in a storage trie after the account's 64. */
  path: NibblePath
  /**
   * `[account hash]` or `[account hash, slot hash]`, 32 bytes each; none where the keys have
   * another size.
   */
  keys: readonly Uint8Array[]
  /** Account RLP in full form, or the RLP of a slot's value. */
  value: Uint8Array
}

/** Code of an account that comes later. */
export interface CodeOperation {
  kind: 'code'
  hash: Uint8Array
  code: Uint8Array
}

/** A node of the new trie, for stores that keep nodes: everything below it has come before. */
export interface NodeOperation {
  kind: 'node'
  path: NibblePath
  hash: Uint8Array
  encoded: Uint8Array
}

/**
 * One step towards the new trie. Steps are applied in their order, all of a batch or the first few
 * of it: after every single one, what the store says to have is complete.
 */
export type SyncOperation =
  | OpenOperation
  | ClearOperation
  | LeafOperation
  | CodeOperation
  | NodeOperation
