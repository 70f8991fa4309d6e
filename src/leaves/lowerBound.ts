import { compareBytes } from '../base/compareBytes.ts'
import type { Leaves } from './Leaves.ts'
import { leafKey } from './leafAt.ts'

/** Index of the first leaf whose key is not below `key`; `leaves.count` where all are. */
export function lowerBound(leaves: Leaves, key: Uint8Array): number {
  let low = 0
  let high = leaves.count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compareBytes(leafKey(leaves, middle), key) < 0) low = middle + 1
    else high = middle
  }
  return low
}
