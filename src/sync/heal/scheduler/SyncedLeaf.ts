import type { NibblePath } from '../../../trie/nibbles.ts'

/** A leaf in a node that has just come. */
export interface SyncedLeaf {
  /** The whole key in nibbles, in a storage trie after the account's 64. */
  path: NibblePath
  /**
   * `[account hash]` or `[account hash, slot hash]`, 32 bytes each; none where the keys have
   * another size.
   */
  keys: readonly Uint8Array[]
  value: Uint8Array
  /** Path of the node that holds it: what `addSubTrie` and `addCodeEntry` take as `parent`. */
  parent: NibblePath
}

/** What a leaf may add to the sync that found it: see `TrieSync`. */
export interface LeafTarget {
  /** Nodes and codes that are wanted and not committed. */
  readonly pending: number
  /** Adds the trie below a leaf: an account's storage. */
  addSubTrie(
    root: Uint8Array,
    path: NibblePath,
    parent?: NibblePath,
    onLeaf?: OnLeaf,
  ): Promise<void>
  /** Adds the code of an account. */
  addCodeEntry(codeHash: Uint8Array, path: NibblePath, parent: NibblePath): Promise<void>
}

/**
 * Hears of each leaf as soon as its node comes, and before anything is committed. An error leaves
 * the node requested: when the node comes again, so do its leaves.
 */
export type OnLeaf = (leaf: SyncedLeaf, sync: LeafTarget) => void | Promise<void>
