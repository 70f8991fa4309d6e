import { CambiumError } from '../base/CambiumError.ts'
import type { SnapKind } from './SnapMessage.ts'

/** A peer did not answer a request in time. It may still answer other ones. */
export class RequestTimeoutError extends CambiumError {
  readonly peer: string
  /** Resolves when the answer comes after all, too late to be of use; stays pending where it does not. */
  readonly answered: Promise<void>

  constructor(peer: string, kind: SnapKind, timeoutMs: number, answered: Promise<void>) {
    super('REQUEST_TIMEOUT', `peer ${peer} did not answer ${kind} within ${timeoutMs} ms`)
    this.peer = peer
    this.answered = answered
  }
}
