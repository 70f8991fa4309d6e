/** A stretch of a storage trie's key space. Its slots before `next` are stored. */
export interface StorageChunk {
  /** The first slot hash that is not stored yet. */
  next: Uint8Array
  /** The last slot hash of the chunk. */
  readonly last: Uint8Array
}

/** A contract whose account is stored, and whose storage or code is not, or not whole. */
export interface PendingContract {
  readonly accountHash: Uint8Array
  /** In hexadecimal without prefix; `undefined` once the storage is stored. */
  storageRoot: string | undefined
  /** In hexadecimal without prefix; `undefined` once the code is stored. */
  codeHash: string | undefined
  /**
   * The parts of its storage that are not stored, ascending; `undefined` while nothing of it is.
   */
  chunks: StorageChunk[] | undefined
}

/** Whether nothing of it is missing any more. */
export function isWhole({ storageRoot, codeHash }: PendingContract): boolean {
  return storageRoot === undefined && codeHash === undefined
}
