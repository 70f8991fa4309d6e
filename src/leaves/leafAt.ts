import type { Leaves } from './Leaves.ts'

/** The key of leaf `index`: a view, not a copy. */
export function leafKey(leaves: Leaves, index: number): Uint8Array {
  return leaves.keys.subarray(index * leaves.keySize, (index + 1) * leaves.keySize)
}

/** The value of leaf `index`: a view, not a copy. */
export function leafValue(leaves: Leaves, index: number): Uint8Array {
  return leaves.values.subarray(leaves.offsets[index], leaves.offsets[index + 1])
}
