import { StoreError } from './StoreError.ts'

/** What was read from the database is not what a store writes. */
export class StoreCorruptError extends StoreError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('STORE_CORRUPT', message, options)
  }
}
