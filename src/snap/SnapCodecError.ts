import { CambiumError } from '../base/CambiumError.ts'

/** A frame that is no snap/1 message, or a message that snap/1 cannot express. */
export class SnapCodecError extends CambiumError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('SNAP_CODEC', message, options)
  }
}
