import { bigIntToHash, hashToBigInt, KEY_SPACE } from '../../base/bytes/hash32.ts'
import type { KeyRange } from '../../store/KeyRange.ts'

/**
 * Splits the key space from `first` to its end into ranges of one size, in ascending order; the
 * last range may be smaller. Fewer than `count` ranges where fewer, rounded up to whole keys, reach
 * the end.
 *
 * @param first 32 bytes
 * @param count at least 1
 * @example
 * hashRanges(new Uint8Array(32), 16) // 00…00–0f…ff, 10…00–1f…ff, … f0…00–ff…ff
 */
export function hashRanges(first: Uint8Array, count: number): KeyRange[] {
  const start = hashToBigInt(first)
  const parts = BigInt(count)
  const step = (KEY_SPACE - start + parts - 1n) / parts
  const ranges: KeyRange[] = []
  for (let from = start; from < KEY_SPACE; from += step) {
    const last = from + step < KEY_SPACE ? from + step - 1n : KEY_SPACE - 1n
    ranges.push({ first: bigIntToHash(from), last: bigIntToHash(last) })
  }
  return ranges
}
