import type { NibblePath } from '../../../trie/nibbles.ts'

/**
 * What a `TrieSync` asks of the store whose state it heals. Where nodes and codes come from is the
 * store's own affair.
 */
export interface TrieSyncStore {
  /**
   * Whether everything of the subtrie at `path` is stored that makes up `hash`: the nodes down to
   * the leaves and, below accounts, storage and code.
   *
   * A store that keeps leaves only derives the answer: it builds the trie of the leaves under
   * `path`, whose keys begin after it, and compares hashes. That says nothing of what hangs below
   * the accounts. Therefore it must answer `false` for every path to an account whose storage or
   * code may be incomplete; see `OpenOperation`.
   *
   * @param path nibbles from the root; in an account's storage trie, the account's 64 nibbles ‖ the
   *   path in that trie
   * @param hash 32 bytes
   */
  hasNode(path: NibblePath, hash: Uint8Array): Promise<boolean>
  /** @param hash 32 bytes */
  hasCode(hash: Uint8Array): Promise<boolean>
}
