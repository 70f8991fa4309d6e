import { CambiumError } from '../../base/CambiumError.ts'

/** A peer, or others at its address, made too many faults: all its connections are closed, and it is refused for a while. */
export class BannedPeerError extends CambiumError {
  constructor(who: string) {
    super('BANNED_PEER', `${who} made too many faults`)
  }
}
