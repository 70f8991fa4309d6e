import { CambiumError } from '../../base/CambiumError.ts'

/** The address of an execution client is malformed, or listed twice. */
export class EnodeError extends CambiumError {
  constructor(received: string, why: string, options?: { cause?: unknown }) {
    super('ENODE', `${JSON.stringify(received)}: ${why}`, options)
  }
}
