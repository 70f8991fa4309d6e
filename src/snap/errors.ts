import { CambiumError } from '../base/CambiumError.ts'
import type { SnapKind } from './SnapMessage.ts'

/** How a peer broke the protocol. */
export type PeerProtocolFault =
  /** A frame beyond the ceiling. */
  | 'oversized frame'
  /** Not a snap/1 message, or one of the wrong shape. */
  | 'malformed message'
  /** A request sent to a client, or an answer sent to a server. */
  | 'unexpected message'
  /** A request that is well-formed but that snap/1 does not allow. */
  | 'bad request'
  /** An answer to a request that was never made, or was answered before. */
  | 'unknown request id'
  /** An answer of another kind than the request with its id. */
  | 'wrong kind of answer'
  /** More bytes or items than the request allows. */
  | 'oversized answer'
  /** Keys that do not ascend strictly. */
  | 'unordered keys'

/** A peer sent what no honest peer sends. Its pipe is closed. */
export class PeerProtocolError extends CambiumError {
  readonly peer: string
  readonly fault: PeerProtocolFault

  constructor(
    peer: string,
    fault: PeerProtocolFault,
    detail: string,
    options?: { cause?: unknown },
  ) {
    super('PEER_PROTOCOL', `peer ${peer}: ${fault}: ${detail}`, options)
    this.peer = peer
    this.fault = fault
  }
}

/** A peer did not answer a request in time. It may still answer other ones. */
export class RequestTimeoutError extends CambiumError {
  readonly peer: string
  /**
   * Resolves when the answer comes after all, too late to be of use; stays pending where it does
   * not.
   */
  readonly answered: Promise<void>

  constructor(peer: string, kind: SnapKind, timeoutMs: number, answered: Promise<void>) {
    super('REQUEST_TIMEOUT', `peer ${peer} did not answer ${kind} within ${timeoutMs} ms`)
    this.peer = peer
    this.answered = answered
  }
}

/** A frame that is no snap/1 message, or a message that snap/1 cannot express. */
export class SnapCodecError extends CambiumError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('SNAP_CODEC', message, options)
  }
}

/** A request that is well-formed but that snap/1 does not allow, as one with an empty path set. */
export class SnapRequestError extends CambiumError {
  constructor(message: string) {
    super('SNAP_REQUEST', message)
  }
}
