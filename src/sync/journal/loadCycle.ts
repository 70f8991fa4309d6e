import { emptyRoot } from '../../account/emptyHashes.ts'
import { compareBytes } from '../../base/compareBytes.ts'
import type { StateStore } from '../../store/StateStore.ts'
import { type AccountTask, accountTask } from './AccountTask.ts'
import type { JournalError } from './errors.ts'
import type { IncompleteAccounts } from './IncompleteAccounts.ts'
import { endRecords, readJournal, targetRecord, taskRecord } from './Journal.ts'
import { readIncompleteAccounts } from './readIncompleteAccounts.ts'
import { rewindTask } from './rewindTask.ts'

/** Where a sync towards a root begins. */
export interface SyncCycle {
  /** What is to be downloaded; tasks that are done already are among them. */
  tasks: AccountTask[]
  /** Accounts that healing looks at, whatever the hashes above them say. */
  incomplete: IncompleteAccounts
  /** Whether what is stored may be of several roots, so that it must be healed. */
  mixed: boolean
  /** Whether something was committed since the last completion, by this sync or an earlier one. */
  begun: boolean
  /** Whether a part of the journal could not be read. */
  damaged: boolean
}

/**
 * Reads from the journal how far a store is on its way to a root (geth's `loadSyncStatus`), and names the root as the
 * target. Where another one was the target, the tasks go back to their cursors: what is stored stays, and is healed in the
 * end.
 *
 * @param onDamage told of each record that cannot be read; what it speaks of starts again
 */
export async function loadCycle(
  store: StateStore,
  root: Uint8Array,
  onDamage: (error: JournalError) => void,
): Promise<SyncCycle> {
  const records = await store.journal()
  const { target, tasks, damaged } = readJournal(records)
  const marks = readIncompleteAccounts(records)
  const damage = [...damaged, ...marks.damaged]
  for (const error of damage) onDamage(error)
  const completion = await store.completion()
  const begun = target !== undefined
  const same = target !== undefined && compareBytes(target.root, root) === 0

  // A completed state is healed, whatever the distance; the empty one has no nodes that a peer could serve.
  const download = completion === undefined && compareBytes(root, emptyRoot()) !== 0
  const stored = (await store.working.totals()).bytes > 0
  for (const task of tasks) {
    if (!download) Object.assign(task, { next: undefined, pending: [] })
    else if (same) continue
    else if (stored) rewindTask(task)
    // Nothing but gaps was proven, which another root need not have, and which nothing would heal.
    else Object.assign(task, accountTask(task.index))
  }
  const mixed =
    completion !== undefined || (target?.mixed ?? false) || damage.length > 0 || (stored && !same)
  if (!same || mixed !== target.mixed) {
    // Cursors that speak of nothing stored must not come back; nor, where everything will be cleared, parts of contracts.
    const changed = download && stored ? tasks.map(taskRecord) : endRecords()
    await store.commit({ journal: new Map([...changed, targetRecord({ root, mixed })]) })
  }
  return { tasks, incomplete: marks.incomplete, mixed, begun, damaged: damage.length > 0 }
}
