/** An account that has more than itself: storage, code or both. */
export interface FoundContract {
  /** Its place among the leaves. */
  index: number
  /** 32 bytes. */
  accountHash: Uint8Array
  /** 32 bytes; absent where the account has no storage. */
  storageRoot?: Uint8Array
  /** 32 bytes; absent where the account has no code. */
  codeHash?: Uint8Array
}
