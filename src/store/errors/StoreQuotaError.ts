import { StoreError } from './StoreError.ts'

/** The browser grants no more space. Nothing of the batch was written; reads and smaller commits still work. */
export class StoreQuotaError extends StoreError {
  constructor(cause: unknown) {
    super('STORE_QUOTA', `the origin's storage quota is used up: ${String(cause)}`, { cause })
  }
}
