import { nextHash } from '../../base/bytes/hash32.ts'
import type { StorageChunk } from '../journal/PendingContract.ts'
import { SlotEstimateError } from './errors.ts'
import { estimateRemainingSlots } from './estimateRemainingSlots.ts'
import { hashRanges } from './hashRanges.ts'

/**
 * Chunks of a large contract at most, and slots that one of them should have at least: the
 * reference's figures.
 */
const STORAGE_CHUNKS = 16
const SLOTS_PER_CHUNK = 16_384n

/**
 * The chunks in which the rest of a large storage is fetched, side by side: as many as its
 * estimated size deserves.
 *
 * @param count slots of its first answer
 * @param lastKey slot hash of the last of them, not the last of all
 */
export function splitStorage(count: number, lastKey: Uint8Array): StorageChunk[] {
  const ranges = hashRanges(nextHash(lastKey)!, chunkCount(count, lastKey))
  return ranges.map(({ first, last }) => ({ next: first, last }))
}

function chunkCount(count: number, lastKey: Uint8Array): number {
  try {
    const deserved = 1n + estimateRemainingSlots(count, lastKey) / SLOTS_PER_CHUNK
    return deserved < STORAGE_CHUNKS ? Number(deserved) : STORAGE_CHUNKS
  } catch (error) {
    // So few slots from the beginning that far too many may follow.
    if (error instanceof SlotEstimateError) return STORAGE_CHUNKS
    throw error
  }
}
