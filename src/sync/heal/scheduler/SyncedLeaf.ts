import type { NibblePath } from '../../../trie/nibbles.ts'
import type { TrieSync } from './TrieSync.ts'

/** A leaf in a node that has just come. */
export interface SyncedLeaf {
  /** The whole key in nibbles, in a storage trie after the account's 64. */
  path: NibblePath
  /** `[account hash]` or `[account hash, slot hash]`, 32 bytes each; none where the keys have another size. */
  keys: readonly Uint8Array[]
  value: Uint8Array
  /** Path of the node that holds it: what `addSubTrie` and `addCodeEntry` take as `parent`. */
  parent: NibblePath
}

/**
 * Hears of each leaf as soon as its node comes, and before anything is committed. An error leaves the node requested: when
 * the node comes again, so do its leaves.
 */
export type OnLeaf = (leaf: SyncedLeaf, sync: TrieSync) => void | Promise<void>
