import { CambiumError } from '../base/CambiumError.ts'

/** A peer does not take what it is sent: more than the queue may hold waits for it. */
export class SlowPeerError extends CambiumError {
  constructor(peer: string, detail: string) {
    super('SLOW_PEER', `peer ${peer} does not read: ${detail}`)
  }
}
