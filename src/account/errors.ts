import { CambiumError } from '../base/CambiumError.ts'

/** Bytes that should be an account, in its full or its slim form, and are not. */
export class AccountEncodingError extends CambiumError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('ACCOUNT_ENCODING', message, options)
  }
}
