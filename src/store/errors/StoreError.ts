import { CambiumError } from '../../base/CambiumError.ts'

/** Root of every error of a store. */
export class StoreError extends CambiumError {}
