import { CambiumError } from '../base/CambiumError.ts'

/** The handle was closed, or its worker died; nothing can be asked of it any more. */
export class ClosedError extends CambiumError {
  constructor(reason: string, options?: { cause?: unknown }) {
    super('CLOSED', `the sync is closed: ${reason}`, options)
  }
}
