import { hashToBigInt, KEY_SPACE } from '../../base/bytes/hash32.ts'
import { toHex } from '../../base/bytes/hex.ts'
import { SlotEstimateError } from './errors.ts'

/** The reference counts slots in 64 bits, and takes more for a sign that too few are known. */
const MAX_SLOTS = 2n ** 64n - 1n

/**
 * How many slots a contract has beyond the first ones, if the others lie as densely: slot keys are
 * hashes, so that they do. What decides into how many chunks a large contract is split.
 *
 * @param count of the slots from the start of the storage up to `lastKey`
 * @param lastKey the slot hash of the last of them, 32 bytes
 * @throws {SlotEstimateError} when `lastKey` is zero, or so low that more than 2^64 − 1 slots would
 *   follow
 * @example
 * estimateRemainingSlots(100, fromHex('0x7fff…ff')) // 100n: half of the key space is known
 */
export function estimateRemainingSlots(count: number, lastKey: Uint8Array): bigint {
  const covered = hashToBigInt(lastKey)
  if (covered === 0n) throw new SlotEstimateError('the last slot hash is zero')
  const total = ((KEY_SPACE - 1n) * BigInt(count)) / covered
  if (total > MAX_SLOTS) {
    throw new SlotEstimateError(`too few slots to estimate by: ${count} up to ${toHex(lastKey)}`)
  }
  return total - BigInt(count)
}
