import type { Hex } from '../base/bytes/hex.ts'
import type { Block } from '../chain/Block.ts'

/** An account as the state under `stateRoot` holds it. */
export interface AccountState {
  /** In wei. */
  balance: bigint
  nonce: bigint
  /**
   * Root of the account's storage trie; of an account without storage, the root of the empty trie.
   */
  storageRoot: Hex
  /** Keccak-256 of the account's code; of an account without code, the hash of nothing. */
  codeHash: Hex
  /** Bytes of code. */
  codeSize: number
}

/** An answer with the state that gave it. */
export interface Verified<Value> {
  value: Value
  /** The root that it was proven against. */
  stateRoot: Hex
  /** The block of that state, where it is known: where `trust` is a stream of headers. */
  block?: Pick<Block, 'number' | 'hash'>
}
