import type { StateStore } from '../../store/StateStore.ts'
import { readCounts } from '../../sync/progress/countsRecord.ts'
import type { Progress } from '../../sync/progress/Progress.ts'
import { idleProgress } from '../../sync/progress/ProgressMeter.ts'
import type { Opened } from './openState.ts'

/**
 * What is told of a store before anything was done in it: of the complete state, where one answers,
 * and else of what is there of the next.
 */
export async function storedProgress(store: StateStore, complete: boolean): Promise<Progress> {
  const view = complete ? store.completed : store.working
  const counts = readCounts(await store.journal())
  const progress = { ...idleProgress(), ...(await view.totals()), ...counts, bytes: 0 }
  return complete ? { ...progress, phase: 'complete', fraction: 1 } : progress
}

/**
 * The same of an opened state; `undefined` if it cannot be read, which the next run meets as well.
 */
export async function openedProgress({
  store,
  state,
}: Pick<Opened, 'store' | 'state'>): Promise<Progress | undefined> {
  return store
    .get()
    .then((it) => storedProgress(it, state.current !== undefined))
    .catch(() => undefined)
}
