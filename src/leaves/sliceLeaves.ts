import type { Leaves } from './Leaves.ts'

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
