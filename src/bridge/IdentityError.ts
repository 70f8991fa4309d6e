import { CambiumError } from '../base/CambiumError.ts'

/** The directory with the bridge's keys cannot be read, written or understood. */
export class IdentityError extends CambiumError {
  constructor(path: string, why: string, options?: { cause?: unknown }) {
    super('IDENTITY', `bridge identity at ${path}: ${why}`, options)
  }
}
