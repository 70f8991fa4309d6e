import { compareBytes } from '../../bytes/compareBytes.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, leafValue } from '../../leaves/leafAt.ts'
import { lowerBound } from '../../leaves/lowerBound.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import type { KeyRange } from '../KeyRange.ts'

/** The leaves whose keys lie in none of the ranges, which come in any order and may overlap; `leaves` itself where all stay. */
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
  const kept: [Uint8Array, Uint8Array][] = []
  for (let index = 0; index < leaves.count; index++) {
    if (dropped[index] === 0) kept.push([leafKey(leaves, index), leafValue(leaves, index)])
  }
  return packLeaves(kept, leaves.keySize)
}
