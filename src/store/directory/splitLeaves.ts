import { sharedBits } from '../../base/bytes/sharedBits.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, lowerBound } from '../../leaves/Leaves.ts'
import { pageSize } from '../page/encodePage.ts'
import { KeyPrefix } from './KeyPrefix.ts'

/** Leaves `from` … `to` (exclusive) make up the page of `prefix`. */
export interface PageCut {
  prefix: KeyPrefix
  from: number
  to: number
}

/**
 * Cuts the leaves of one prefix into pages of at most `limit` bytes, in order; only a page of a
 * single leaf may be larger. A cut is made at the first bit in which the leaves differ, however
 * deep it lies, so that no page is empty.
 *
 * @param leaves ascending, at least one, all under `prefix`
 */
export function splitLeaves(prefix: KeyPrefix, leaves: Leaves, limit: number): PageCut[] {
  const split = (cut: PageCut): PageCut[] => {
    const { from, to } = cut
    if (to - from === 1 || pageSize(leaves, from, to) <= limit) return [cut]
    const first = leafKey(leaves, from)
    const last = leafKey(leaves, to - 1)
    const bits = sharedBits(first, last) + 1
    const right = new KeyPrefix(last, bits)
    const middle = lowerBound(leaves, right.bytes)
    return [
      ...split({ prefix: new KeyPrefix(first, bits), from, to: middle }),
      ...split({ prefix: right, from: middle, to }),
    ]
  }
  return split({ prefix, from: 0, to: leaves.count })
}
