import type { Hex } from '../bytes/hex.ts'

/** An account as the state under `stateRoot` holds it. */
export interface AccountState {
  /** In wei. */
  balance: bigint
  nonce: bigint
  /** Root of the account's storage trie; of an account without storage, the root of the empty trie. */
  storageRoot: Hex
  /** Keccak-256 of the account's code; of an account without code, the hash of nothing. */
  codeHash: Hex
  /** Bytes of code. */
  codeSize: number
}

/** An answer with the root that it was proven against. */
export interface Verified<Value> {
  value: Value
  stateRoot: Hex
}
