import type { AccountTask } from './AccountTask.ts'
import type { IncompleteAccounts } from './IncompleteAccounts.ts'

/**
 * Makes a task ready for another root: it goes back to its cursor, the first account with
 * anything missing, as only the account under the new root tells which storage and code it has
 * now. Accounts before the cursor are whole, and healed where the new root has them otherwise.
 *
 * What is stored after the cursor is replaced when its range comes again; parts of large contracts
 * are kept. Accounts that waited for storage are marked: of all others that are stored, the slots
 * are whole.
 */
export function rewindTask(task: AccountTask, marks: IncompleteAccounts): void {
  const [first] = task.pending
  if (first === undefined) return
  for (const { accountHash, storageRoot } of task.pending) if (storageRoot) marks.add(accountHash)
  const begun = task.pending.filter(({ storageRoot, chunks }) => storageRoot && chunks)
  task.next = first.accountHash
  task.pending = []
  task.suspended = [...begun, ...task.suspended]
}
