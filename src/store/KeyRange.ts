/** A stretch of keys, both ends included, of the size of the table's keys. */
export interface KeyRange {
  readonly first: Uint8Array
  readonly last: Uint8Array
}
