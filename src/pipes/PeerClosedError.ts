import { CambiumError } from '../base/CambiumError.ts'

/** The connection to a peer ended, and with it everything that was asked of the peer. */
export class PeerClosedError extends CambiumError {
  readonly peer: string

  constructor(peer: string, reason: string, options?: { cause?: unknown }) {
    super('PEER_CLOSED', `connection to ${peer} closed: ${reason}`, options)
    this.peer = peer
  }
}
