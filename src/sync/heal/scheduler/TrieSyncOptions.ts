import type { OnLeaf } from './SyncedLeaf.ts'

/** How a trie is healed. */
export interface TrieSyncOptions {
  /** Keccak-256, such as `keccak_256` of @noble/hashes. */
  keccak256: (input: Uint8Array) => Uint8Array
  /**
   * Leaves of the trie under the root; those of a sub-trie go to the one that was given with it.
   */
  onLeaf?: OnLeaf | undefined
  /** How many nibbles the keys have in each of the tries. @default 64 */
  keyNibbles?: number
  /**
   * How many nodes and codes of one depth may be requested and not yet committed. @default 16384
   */
  fetchesPerDepth?: number
}
