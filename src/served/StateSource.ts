import type { Leaves } from '../leaves/Leaves.ts'

/**
 * One trie that a server can answer from: the account trie of a root, or the storage trie of one
 * account.
 */
export interface ServedTrie {
  readonly root: Uint8Array
  /**
   * Leaves with key ≥ `from`, ascending. Keys 32 bytes; values as the trie holds them (full account
   * RLP, slot RLP).
   */
  leaves(from: Uint8Array): Iterable<readonly [key: Uint8Array, value: Uint8Array]>
  /** The same packed, in runs of any length: what is sent is written straight from there. */
  runs(from: Uint8Array): Iterable<Leaves>
  /**
   * Merkle proof of a key or of its absence: nodes from the root down, embedded ones left out
   * except the root.
   */
  prove(key: Uint8Array): Uint8Array[]
  /**
   * The node at a nibble path (one nibble per byte).
   * `undefined`: there is none. `'embedded'`: it is part of its parent and has no hash.
   */
  node(path: Uint8Array): Uint8Array | 'embedded' | undefined
}

/** One state: everything under one root. */
export interface ServedState {
  readonly accounts: ServedTrie
  /** The storage trie of an account; `undefined` where there is no such account. */
  storage(accountHash: Uint8Array): ServedTrie | undefined
}

/** Where a server takes states and code from. */
export interface StateSource {
  /** The state under a root, or `undefined` where this source does not have it (any more). */
  state(root: Uint8Array): ServedState | undefined
  /** Code by its hash, or `undefined`. */
  code(codeHash: Uint8Array): Uint8Array | undefined
}
