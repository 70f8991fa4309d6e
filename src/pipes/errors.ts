import { CambiumError } from '../base/CambiumError.ts'

/**
 * An answer could be read and does not hold. Its message is that of the cause, which says what is
 * wrong with it.
 *
 * For the owner of the connection: a bridge that learns which of its answers were false can stop
 * asking the node that gave them.
 */
export class FalseAnswerError extends CambiumError {
  /** That of the request and of its answer. */
  readonly requestId: bigint

  constructor(requestId: bigint, cause: Error) {
    super('FALSE_ANSWER', cause.message, { cause })
    this.requestId = requestId
  }
}

/** The connection to a peer ended, and with it everything that was asked of the peer. */
export class PeerClosedError extends CambiumError {
  readonly peer: string

  constructor(peer: string, reason: string, options?: { cause?: unknown }) {
    super('PEER_CLOSED', `connection to ${peer} closed: ${reason}`, options)
    this.peer = peer
  }
}
