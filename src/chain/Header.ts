/** What a sync needs of a block header that the wallet trusts; validated before it comes here. */
export interface Header {
  /** A whole number, not negative. */
  number: number
  /** 32 bytes. */
  hash: Uint8Array
  /** 32 bytes. */
  stateRoot: Uint8Array
}

/** A header that also names the block before: for following a chain over reorganizations. */
export interface BlockHeader extends Header {
  /** Hash of the block before, 32 bytes. */
  parentHash: Uint8Array
}
