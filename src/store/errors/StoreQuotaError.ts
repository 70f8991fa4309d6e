import { StoreError } from './StoreError.ts'

/**
 * The browser grants no more space. Nothing of the batch was written, the store stays open: reads work, and commits do
 * as soon as there is room for them. Chromium may count the bytes of a refused batch until it next tidies its files up,
 * so that smaller ones can be refused as well.
 */
export class StoreQuotaError extends StoreError {
  constructor(cause: unknown) {
    super('STORE_QUOTA', `the origin's storage quota is used up: ${String(cause)}`, { cause })
  }
}
