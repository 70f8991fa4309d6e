import { CambiumError } from '../../base/CambiumError.ts'

/** A peer sends frames that no multiplexer would: too long, or too many. */
export class MuxerFaultError extends CambiumError {
  constructor(detail: string) {
    super('MUXER_FAULT', `frames of a connection: ${detail}`)
  }
}
