import type { Leaves } from '../../leaves/Leaves.ts'
import { prefixLeaves } from '../../leaves/prefixLeaves.ts'
import { slotRange } from '../../store/KeyRange.ts'
import type { StoreBatch } from '../../store/StateStore.ts'

/** All slots of a contract from `first` to `last`. */
export interface StoragePart {
  accountHash: Uint8Array
  first: Uint8Array
  last: Uint8Array
  /** Those that there are, ascending, in the trie's form: keys of 32 bytes. */
  leaves: readonly Leaves[]
}

/**
 * What must be written so that the store has exactly these slots in these parts: others may lie
 * there from an earlier root.
 *
 * @param parts in ascending order of account hash
 */
export function storageBatch(
  parts: readonly StoragePart[],
): Pick<StoreBatch, 'removeSlots' | 'slots'> {
  return {
    removeSlots: parts.map(({ accountHash, first, last }) => {
      return slotRange(accountHash, first, last)
    }),
    slots: prefixLeaves(
      parts.flatMap(({ accountHash, leaves }) => leaves.map((run) => [accountHash, run] as const)),
    ),
  }
}
