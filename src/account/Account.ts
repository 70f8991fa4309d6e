/**
 * An account as the account trie holds it.
 *
 * @see Yellow Paper, section 4.1
 */
export interface Account {
  /** At most 64 bits (EIP-2681). */
  nonce: bigint
  /** In wei; at most 256 bits. */
  balance: bigint
  /**
   * 32 bytes: the root of the account's storage trie; without storage, the root of the empty trie.
   */
  storageRoot: Uint8Array
  /** 32 bytes: Keccak-256 of the account's code; without code, the hash of nothing. */
  codeHash: Uint8Array
}
