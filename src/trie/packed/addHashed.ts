import type { LeafCollector } from '../../leaves/LeafCollector.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey } from '../../leaves/leafAt.ts'
import type { BatchHasher } from './NodeBatch.ts'

/** Adds leaves under the hashes of their keys, as the tries of a state have them; hashes all keys in one call. */
export function addHashed(leaves: Leaves, hasher: BatchHasher, to: LeafCollector): void {
  const { count, values, offsets } = leaves
  const hashes = hasher.keccak256Batch(
    Array.from({ length: count }, (_, index) => leafKey(leaves, index)),
  )
  for (let index = 0; index < count; index++) {
    const hash = hashes.subarray(32 * index, 32 * index + 32)
    to.add(hash, values, offsets[index], offsets[index + 1])
  }
}
