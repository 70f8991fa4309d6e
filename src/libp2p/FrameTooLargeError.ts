import { CambiumError } from '../base/CambiumError.ts'

/** A frame, or the length that a peer announced for one, is above the ceiling. */
export class FrameTooLargeError extends CambiumError {
  constructor(peer: string, detail: string, options?: { cause?: unknown }) {
    super('FRAME_TOO_LARGE', `frame with peer ${peer}: ${detail}`, options)
  }
}
