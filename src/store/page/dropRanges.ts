import { compareBytes } from '../../bytes/compareBytes.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, leafValue } from '../../leaves/leafAt.ts'
import { lowerBound } from '../../leaves/lowerBound.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import type { KeyRange } from '../KeyRange.ts'

/** The leaves whose keys lie in none of the ranges, which come in any order and may overlap; `leaves` itself where all stay. */
export function dropRanges(leaves: Leaves, ranges: readonly KeyRange[]): Leaves {
  const dropped = new Uint8Array(leaves.count)
  for (const { first, last } of ranges) {
    const end = lowerBound(leaves, last)
    const hasLast = end < leaves.count && compareBytes(leafKey(leaves, end), last) === 0
    dropped.fill(1, lowerBound(leaves, first), hasLast ? end + 1 : end)
  }
  const kept: [Uint8Array, Uint8Array][] = []
  for (let index = 0; index < leaves.count; index++) {
    if (dropped[index] === 0) kept.push([leafKey(leaves, index), leafValue(leaves, index)])
  }
  return kept.length === leaves.count ? leaves : packLeaves(kept, leaves.keySize)
}
