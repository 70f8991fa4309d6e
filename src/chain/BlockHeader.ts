/** What there is to know of a block, for who follows a chain and its states. */
export interface BlockHeader {
  /** A whole number, not negative. */
  number: number
  /** 32 bytes. */
  hash: Uint8Array
  /** 32 bytes: the hash of the block before. */
  parentHash: Uint8Array
  /** 32 bytes: the root of the state after the block. */
  stateRoot: Uint8Array
}
