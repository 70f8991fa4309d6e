import { concatBytes } from '@noble/hashes/utils.js'
import { slimAccount } from '../../../account/slimAccount.ts'
import { slotRange, slotsOfAccounts } from '../../../store/KeyRange.ts'
import type { StoreBatch } from '../../../store/StateStore.ts'
import type { IncompleteAccounts } from '../../journal/IncompleteAccounts.ts'
import { clearedRanges } from '../scheduler/operations/clearedRanges.ts'
import { nibblesToBytes } from '../scheduler/operations/nibblesToBytes.ts'
import type { ClearOperation, SyncOperation } from '../scheduler/operations/SyncOperation.ts'
import { ACCOUNT_NIBBLES } from '../scheduler/paths/syncPath.ts'
import { LeafChanges } from './LeafChanges.ts'

/**
 * The steps of a `TrieSync` as one batch, which does what they do one after the other. Empty (`{}`)
 * of no steps.
 *
 * An account whose storage is about to change is incomplete from then on until its leaf comes, or
 * it goes. With an account that goes, its slots go.
 *
 * @param incomplete takes the changes in at once: a batch that is not written leaves it to be read
 *   again from the journal
 */
export function healBatch(
  operations: readonly SyncOperation[],
  incomplete: IncompleteAccounts,
): StoreBatch {
  const accounts = new LeafChanges(32)
  const slots = new LeafChanges(64)
  const codes: { hash: Uint8Array; code: Uint8Array }[] = []

  const clear = (operation: ClearOperation) => {
    for (const { account, from, to } of clearedRanges(operation)) {
      if (account === undefined) {
        accounts.remove({ first: from, last: to })
        slots.remove(slotsOfAccounts(from, to))
        incomplete.removeRange(from, to)
      } else {
        slots.remove(slotRange(account, from, to))
      }
    }
  }

  for (const operation of operations) {
    switch (operation.kind) {
      case 'open':
        if (operation.path.length === ACCOUNT_NIBBLES) {
          incomplete.add(nibblesToBytes(operation.path))
        }
        break
      case 'clear':
        clear(operation)
        break
      case 'leaf': {
        const [accountHash, slotHash] = operation.keys
        if (slotHash !== undefined) {
          slots.put(concatBytes(accountHash!, slotHash), operation.value)
        } else {
          accounts.put(accountHash!, slimAccount(operation.value))
          incomplete.remove(accountHash!)
        }
        break
      }
      case 'code':
        codes.push({ hash: operation.hash, code: operation.code })
        break
      case 'node':
        // Nodes are derived from leaves.
        break
    }
  }

  if (operations.length === 0) return {}
  return {
    removeAccounts: accounts.removed,
    removeSlots: slots.removed,
    accounts: accounts.leaves(),
    slots: slots.leaves(),
    codes,
    journal: incomplete.takeChanges(),
  }
}
