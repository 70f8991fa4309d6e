import type { Hex } from '../base/bytes/hex.ts'

/** One account of a state, as a file or a genesis allocation lists it. */
export interface AccountEntry {
  /** What the source calls it, for errors: its address or hash. */
  name: string
  /** Keccak-256 of its address. */
  hash: Uint8Array
  /** In wei. */
  balance: bigint
  nonce: bigint
  code: Uint8Array
  /** Raw 32-byte slot keys with their values; a value of zero is a slot that is not set. */
  storage: readonly (readonly [slot: Uint8Array, value: bigint])[]
  /** Further slots, by the Keccak-256 of their keys: of a source that does not know the keys. */
  hashedStorage?: readonly (readonly [slotHash: Uint8Array, value: bigint])[]
  /** What the source says that these are, where it does. */
  storageRoot?: Hex
  codeHash?: Hex
}
