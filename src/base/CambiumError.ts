/**
 * Root of every error that Cambium throws. Callers match `code` or `name`, never the text of the
 * message.
 *
 * One small class per cause derives from it; the message names the value that was received, and the
 * error that caused it, where there is one, is in `cause`. All codes are listed in docs/errors.md.
 */
export class CambiumError extends Error {
  /** Stable, in capitals, one per class: `'TRUST'`, `'STORE_QUOTA'`, … */
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.name = errorName(code)
  }
}

/** `'STORE_QUOTA'` → `'StoreQuotaError'`. Not the name of the class, which minifiers change. */
function errorName(code: string): string {
  const words = code.toLowerCase().split('_')
  return `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Error`
}
