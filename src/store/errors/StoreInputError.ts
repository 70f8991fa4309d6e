import { StoreError } from './StoreError.ts'

/** A value that a store was given cannot be stored or looked up: a key of the wrong size, leaves out of order. */
export class StoreInputError extends StoreError {
  constructor(message: string) {
    super('STORE_INPUT', message)
  }
}
