/** What a node tells of itself when it is connected: the `eth` handshake. */
export interface EthStatus {
  networkId: bigint
  /** 32 bytes. */
  genesisHash: Uint8Array
  /** EIP-2124: a checksum of 4 bytes, and the block or time of the next fork, 0 for none known. */
  forkId: { hash: Uint8Array; next: bigint }
  /** Of the newest block, 32 bytes. */
  latestHash: Uint8Array
  /** Number of the newest block; eth/68 does not tell it. */
  latest?: number
}
