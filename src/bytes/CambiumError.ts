/**
 * Root of every error that Cambium throws. Callers match `name` or `code`, never the text of the message.
 *
 * One small class per cause derives from it; the message names the value that was received, and the error that
 * caused it, where there is one, is in `cause`.
 */
export class CambiumError extends Error {
  /** Stable, in capitals, one per class: `'TRUST'`, `'STORE_QUOTA'`, … */
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.name = new.target.name
  }
}
