import { CambiumError } from '../base/CambiumError.ts'

/** Leaves that were given to a `RootBuilder` out of order, twice, or with an empty value. */
export class LeafOrderError extends CambiumError {
  constructor(message: string) {
    super('LEAF_ORDER', message)
  }
}
