import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey } from '../../leaves/Leaves.ts'
import type { LeavesBuilder } from '../../leaves/packLeaves.ts'
import type { Hasher } from '../Hasher.ts'

/**
 * Adds leaves under the hashes of their keys, as the tries of a state have them; hashes all keys in
 * one call.
 */
export function addHashed(
  leaves: Leaves,
  hasher: Hasher,
  to: Pick<LeavesBuilder, 'addFrom'>,
): void {
  const { count, values, offsets } = leaves
  const hashes = hasher.keccak256Batch(
    Array.from({ length: count }, (_, index) => leafKey(leaves, index)),
  )
  for (let index = 0; index < count; index++) {
    to.addFrom(hashes, 32 * index, values, offsets[index]!, offsets[index + 1]!)
  }
}
