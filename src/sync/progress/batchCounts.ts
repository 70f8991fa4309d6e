import type { Leaves } from '../../leaves/Leaves.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { SyncedCounts } from './Progress.ts'

/** What a batch brings, as progress counts it. */
export function batchCounts({ accounts, slots, codes = [] }: StoreBatch): SyncedCounts {
  return {
    accounts: accounts?.count ?? 0,
    accountBytes: leavesBytes(accounts),
    slots: slots?.count ?? 0,
    slotBytes: leavesBytes(slots),
    codes: codes.length,
    codeBytes: codes.reduce((sum, { hash, code }) => sum + hash.length + code.length, 0),
  }
}

function leavesBytes(leaves: Leaves | undefined): number {
  if (leaves === undefined) return 0
  const { count, keySize, offsets } = leaves
  return count * keySize + offsets[count]! - offsets[0]!
}
