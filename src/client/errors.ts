import { CambiumError } from '../base/CambiumError.ts'

/** The handle was closed, or its worker died; nothing can be asked of it any more. */
export class ClosedError extends CambiumError {
  constructor(reason: string, options?: { cause?: unknown }) {
    super('CLOSED', `the sync is closed: ${reason}`, options)
  }
}

/** An option of `createStateSync` that cannot be used as it is. */
export class OptionsError extends CambiumError {
  constructor(message: string) {
    super('OPTIONS', message)
  }
}
