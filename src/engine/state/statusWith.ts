import type { Completed, EngineStatus } from '../protocol.ts'

/**
 * The status when another state answers than before, or none. @param isFixed whether one root is
 * synced
 */
export function statusWith(
  completed: Completed | undefined,
  status: EngineStatus,
  isFixed: boolean,
): EngineStatus {
  if (completed === undefined) {
    return status === 'complete' ? 'idle' : status === 'following' ? 'syncing' : status
  }
  if (status === 'idle') return 'complete'
  return status === 'syncing' && !isFixed ? 'following' : status
}
