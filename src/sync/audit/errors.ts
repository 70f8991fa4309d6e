import { CambiumError } from '../../base/CambiumError.ts'

/**
 * What is stored is not the state under the root: it was changed behind Cambium's back, or by a
 * fault of Cambium.
 */
export class AuditError extends CambiumError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('AUDIT', `the stored state does not hold: ${message}`, options)
  }
}
