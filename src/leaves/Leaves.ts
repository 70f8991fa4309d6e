/**
 * Leaves of one trie, sorted by key and packed into three flat arrays, so that ten thousand of them are three
 * objects and not thirty thousand. The one shape in which leaves travel between the wire, the verifier and the store.
 *
 * ```
 * keys     [ key 0 | key 1 | … ]            count × keySize bytes, strictly ascending, bytewise
 * values   [ value 0 | value 1 | … ]        value i is values[offsets[i] … offsets[i + 1]]
 * offsets  [ 0, end of value 0, … ]         count + 1 positions
 * ```
 *
 * The arrays are read-only by convention: who needs a change makes new ones.
 */
export interface Leaves {
  readonly count: number
  /** Bytes of one key: 32 for accounts and for the slots of one account, 64 for slots with their account. */
  readonly keySize: number
  readonly keys: Uint8Array
  readonly values: Uint8Array
  readonly offsets: Uint32Array
}
