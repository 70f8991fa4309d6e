import { CambiumError } from './bytes/CambiumError.ts'

/** `trust` is not a state root. It never falls back to anything else. */
export class TrustError extends CambiumError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('TRUST', message, options)
  }
}
