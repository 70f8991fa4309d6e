import { CambiumError } from '../bytes/CambiumError.ts'
import type { SnapKind } from './SnapMessage.ts'

/** A peer did not answer a request in time. It may still answer other ones. */
export class RequestTimeoutError extends CambiumError {
  readonly peer: string

  constructor(peer: string, kind: SnapKind, timeoutMs: number) {
    super('REQUEST_TIMEOUT', `peer ${peer} did not answer ${kind} within ${timeoutMs} ms`)
    this.peer = peer
  }
}
