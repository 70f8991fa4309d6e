import { CambiumError } from '../../base/CambiumError.ts'

/**
 * The sync was stopped before it was complete; all that was verified is stored, and the next run
 * resumes there.
 */
export class SyncCancelledError extends CambiumError {
  constructor() {
    super('SYNC_CANCELLED', 'sync cancelled')
  }
}
