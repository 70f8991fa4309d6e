import { StoreError } from './StoreError.ts'

/** The database failed for a reason of its own, which is in `cause`. A commit that fails so has written nothing. */
export class StoreFailedError extends StoreError {
  constructor(cause: unknown) {
    super('STORE_FAILED', `the database failed: ${String(cause)}`, { cause })
  }
}
