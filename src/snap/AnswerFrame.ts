import type { AnswerBytes } from '../verifier/Verifier.ts'
import type { SnapResponse } from './SnapMessage.ts'

/**
 * An answer that was not decoded yet. A verifier that proves it may write over it: then there is
 * nothing more to decode.
 */
export interface AnswerFrame<Response extends SnapResponse = SnapResponse> extends AnswerBytes {
  readonly kind: Response['kind']
  /** That of the request. */
  readonly id: bigint
  /**
   * Decodes it, and checks what the client checks of every answer.
   * @throws {PeerProtocolError} when the peer broke the protocol with it
   */
  decode(): Response
}
