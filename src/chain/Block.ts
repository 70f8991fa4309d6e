import type { Hex } from '../base/bytes/hex.ts'

/** A block, as the app was told of it. */
export interface Block {
  number: number
  /** 32 bytes. */
  hash: Hex
  /** Root of the state after the block, 32 bytes. */
  stateRoot: Hex
}
