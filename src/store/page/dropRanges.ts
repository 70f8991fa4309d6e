import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { copyBytes } from '../../base/bytes/copyBytes.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, lowerBound } from '../../leaves/Leaves.ts'
import type { KeyRange } from '../KeyRange.ts'

/**
 * The leaves whose keys lie in none of the ranges, which come in any order and may overlap;
 * `leaves` itself where all stay.
 */
export function dropRanges(leaves: Leaves, ranges: readonly KeyRange[]): Leaves {
  let dropped: Uint8Array | undefined
  for (const { first, last } of ranges) {
    const from = lowerBound(leaves, first)
    const end = lowerBound(leaves, last)
    const hasLast = end < leaves.count && compareBytes(leafKey(leaves, end), last) === 0
    const to = hasLast ? end + 1 : end
    if (to === from) continue
    dropped ??= new Uint8Array(leaves.count)
    dropped.fill(1, from, to)
  }
  // Where a range is fetched for the first time, nothing is there to be dropped.
  if (dropped === undefined) return leaves
  return keep(leaves, dropped)
}

/** The leaves that are not marked. */
function keep({ count, keySize, keys, values, offsets }: Leaves, dropped: Uint8Array): Leaves {
  const kept = { keys: new Uint8Array(keys.length), values: new Uint8Array(values.length) }
  const keptOffsets = new Uint32Array(count + 1)
  let left = 0
  let size = 0
  for (let index = 0; index < count; index++) {
    if (dropped[index] === 1) continue
    const from = offsets[index]!
    const to = offsets[index + 1]!
    copyBytes(keys, index * keySize, (index + 1) * keySize, kept.keys, left * keySize)
    copyBytes(values, from, to, kept.values, size)
    size += to - from
    keptOffsets[++left] = size
  }
  return {
    ...{ count: left, keySize },
    keys: kept.keys.subarray(0, left * keySize),
    values: kept.values.subarray(0, size),
    offsets: keptOffsets.subarray(0, left + 1),
  }
}
