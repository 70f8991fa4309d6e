import { CambiumError } from '../base/CambiumError.ts'

/**
 * Bytes that are not canonical RLP, or hold an item of another kind or size than the place asks
 * for.
 */
export class RlpError extends CambiumError {
  constructor(message: string) {
    super('RLP', message)
  }
}
