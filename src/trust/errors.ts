import { CambiumError } from '../base/CambiumError.ts'

/**
 * `trust` is neither a state root nor a stream of well-formed headers. It never falls back to
 * anything else.
 */
export class TrustError extends CambiumError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('TRUST', message, options)
  }
}
