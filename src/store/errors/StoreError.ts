import { CambiumError } from '../../bytes/CambiumError.ts'

/** Root of every error of a store. */
export class StoreError extends CambiumError {}
