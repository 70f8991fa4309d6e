import { compareBytes } from '../base/bytes/compareBytes.ts'
import { firstIndex } from '../base/firstIndex.ts'

/**
 * Leaves of one trie, sorted by key and packed into three flat arrays, so that ten thousand of them
 * are three objects and not thirty thousand. The one shape in which leaves travel between the wire,
 * the verifier and the store.
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
  /**
   * Bytes of one key: 32 for accounts and for the slots of one account, 64 for slots with their
   * account.
   */
  readonly keySize: number
  readonly keys: Uint8Array
  readonly values: Uint8Array
  readonly offsets: Uint32Array
}

/** The key of leaf `index`: a view, not a copy. */
export function leafKey(leaves: Leaves, index: number): Uint8Array {
  return leaves.keys.subarray(index * leaves.keySize, (index + 1) * leaves.keySize)
}

/** The value of leaf `index`: a view, not a copy. */
export function leafValue(leaves: Leaves, index: number): Uint8Array {
  return leaves.values.subarray(leaves.offsets[index], leaves.offsets[index + 1])
}

/** Leaves `from` to `to` (exclusive), as views of the same bytes. */
export function sliceLeaves(leaves: Leaves, from: number, to: number): Leaves {
  const start = leaves.offsets[from]!
  const offsets = new Uint32Array(to - from + 1)
  for (let index = from; index <= to; index++)
    offsets[index - from] = leaves.offsets[index]! - start
  return {
    count: to - from,
    keySize: leaves.keySize,
    keys: leaves.keys.subarray(from * leaves.keySize, to * leaves.keySize),
    values: leaves.values.subarray(start, leaves.offsets[to]),
    offsets,
  }
}

/** Index of the first leaf whose key is not below `key`; `leaves.count` where all are. */
export function lowerBound(leaves: Leaves, key: Uint8Array): number {
  return firstIndex(leaves.count, (index) => compareBytes(leafKey(leaves, index), key) >= 0)
}

/** Whether every key is greater than the one before it. */
export function keysAscend({ count, keySize, keys }: Leaves): boolean {
  for (let end = keySize; end < count * keySize; end += keySize) {
    let at = end
    while (at < end + keySize && keys[at - keySize] === keys[at]) at++
    if (at === end + keySize || keys[at - keySize]! > keys[at]!) return false
  }
  return true
}
