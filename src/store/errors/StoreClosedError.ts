import { StoreError } from './StoreError.ts'

/**
 * Why a store is closed: `close()` was called; another tab upgraded or deleted the database; or the browser ended the
 * connection (cleared site data, a lost disk).
 */
export type StoreClosedReason = 'closed' | 'upgraded' | 'deleted' | 'terminated'

const EXPLANATIONS: Record<StoreClosedReason, string> = {
  closed: 'it was closed here',
  upgraded: 'its database was upgraded elsewhere',
  deleted: 'its database was deleted elsewhere',
  terminated: 'the browser ended its connection',
}

/** A store was used after it was closed. What had been committed is on disk, unless the database was deleted. */
export class StoreClosedError extends StoreError {
  readonly reason: StoreClosedReason

  constructor(reason: StoreClosedReason, options?: { cause?: unknown }) {
    super('STORE_CLOSED', `the store is closed: ${EXPLANATIONS[reason]}`, options)
    this.reason = reason
  }
}
