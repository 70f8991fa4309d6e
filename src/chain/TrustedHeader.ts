import type { Hex } from '../base/bytes/hex.ts'

/** A block header that the wallet trusts: of its own light client, or of a node of its own. */
export interface TrustedHeader {
  number: number | bigint
  /** 32 bytes. */
  hash: Hex
  /** 32 bytes. */
  stateRoot: Hex
}
