import { compareBytes } from '../../base/bytes/compareBytes.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, lowerBound } from '../../leaves/Leaves.ts'
import type { KeyRange } from '../KeyRange.ts'
import { mergeLeaves } from '../page/mergeLeaves.ts'
import type { StoreBatch } from '../StateStore.ts'

/**
 * One batch that leaves behind what two do, committed one after the other.
 *
 * @returns `undefined` if they cannot be joined: the second removes what the first puts, or the
 *   first completes a state
 */
export function joinBatches(first: StoreBatch, second: StoreBatch): StoreBatch | undefined {
  if (first.complete !== undefined) return undefined
  if (removesAny(second.removeAccounts, first.accounts)) return undefined
  if (removesAny(second.removeSlots, first.slots)) return undefined
  return {
    removeAccounts: [...(first.removeAccounts ?? []), ...(second.removeAccounts ?? [])],
    removeSlots: [...(first.removeSlots ?? []), ...(second.removeSlots ?? [])],
    ...joined('accounts', first, second),
    ...joined('slots', first, second),
    codes: [...(first.codes ?? []), ...(second.codes ?? [])],
    journal: new Map([...(first.journal ?? []), ...(second.journal ?? [])]),
    ...(second.complete && { complete: second.complete }),
  }
}

/** Whether any of the ranges, each taken by itself, holds any of the leaves. */
function removesAny(ranges: readonly KeyRange[] = [], leaves: Leaves | undefined): boolean {
  if (leaves === undefined) return false
  return ranges.some(({ first, last }) => {
    const at = lowerBound(leaves, first)
    return at < leaves.count && compareBytes(leafKey(leaves, at), last) <= 0
  })
}

function joined(
  table: 'accounts' | 'slots',
  { [table]: first }: StoreBatch,
  { [table]: second }: StoreBatch,
): Partial<StoreBatch> {
  // No leaves have keys of any size.
  if (!first?.count) return second ? { [table]: second } : {}
  return { [table]: second?.count ? mergeLeaves(first, second) : first }
}
