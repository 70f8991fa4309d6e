import { emptyRoot } from '../../account/emptyHashes.ts'
import { compareBytes } from '../../base/compareBytes.ts'
import type { StateStore } from '../../store/StateStore.ts'
import { type AccountTask, accountTask } from './AccountTask.ts'
import type { JournalError } from './errors.ts'
import type { IncompleteAccounts } from './IncompleteAccounts.ts'
import { endRecords, readJournal, targetRecord, taskName, taskRecord } from './Journal.ts'
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
  /** Whether the sync before had another root as its target, or none. */
  moved: boolean
  /** Whether a part of the journal could not be read. */
  damaged: boolean
}

/**
 * Reads from the journal how far a store is on its way to a root (geth's `loadSyncStatus`), and
 * names the root as the target. Where another one was the target, the tasks go back to their
 * cursors: what is stored stays, and is healed in the end.
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

  // A completed state has tasks only while another one is downloaded over it; the empty one has
  // nothing that a peer could serve.
  const begunTasks = tasks.some(({ index }) => records.has(taskName(index)))
  const isDownload = completion === undefined || begunTasks
  const download = isDownload && compareBytes(root, emptyRoot()) !== 0
  const stored = (await store.working.totals()).bytes > 0
  // Without its record, nobody knows which of a chunk's accounts are whole.
  for (const { record } of damaged) records.delete(record)
  const isLost = target?.mixed || damaged.length > 0
  const lost = tasks.filter(({ index }) => isLost && !records.has(taskName(index)))
  for (const task of tasks) {
    if (!download) Object.assign(task, { next: undefined, pending: [] })
    else if (same) continue
    else if (stored) rewindTask(task, marks.incomplete)
    // Nothing but gaps was proven, which another root need not have, and which nothing would heal.
    else Object.assign(task, accountTask(task.index))
  }
  const mixed =
    completion !== undefined || (target?.mixed ?? false) || damage.length > 0 || (stored && !same)
  if (!same || mixed !== target.mixed || (download && lost.length > 0)) {
    // Cursors that speak of nothing stored must not come back; nor, where everything will be
    // cleared, parts of contracts.
    const changed = download && stored ? tasks.map(taskRecord) : endRecords()
    const journal = new Map([
      ...changed,
      targetRecord({ root, mixed }),
      ...marks.incomplete.takeChanges(),
    ])
    await store.commit({ journal, ...(download && { removeAccounts: lost }) })
  }
  const { incomplete } = marks
  return { tasks, incomplete, mixed, begun, moved: !same, damaged: damage.length > 0 }
}
