import type { StateStore } from '../../store/StateStore.ts'
import type { Progress } from '../../sync/progress/Progress.ts'
import { idleProgress } from '../../sync/progress/ProgressMeter.ts'

/**
 * What is told of a store before anything was done in it: of the complete state, where one answers,
 * and else of what is there of the next.
 */
export async function storedProgress(store: StateStore, complete: boolean): Promise<Progress> {
  const view = complete ? store.completed : store.working
  const progress = { ...idleProgress(), ...(await view.totals()), bytes: 0 }
  return complete ? { ...progress, phase: 'complete', fraction: 1 } : progress
}
