import { StoreError } from './StoreError.ts'

/** There is no IndexedDB here: no browser, a sandboxed frame, or storage is forbidden by the user's settings. */
export class StoreUnavailableError extends StoreError {
  constructor(cause: unknown) {
    super('STORE_UNAVAILABLE', `IndexedDB cannot be used here: ${String(cause)}`, { cause })
  }
}
