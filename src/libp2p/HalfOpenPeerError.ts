import { CambiumError } from '../base/CambiumError.ts'

/** A peer began something, a frame or a handshake, and did not go on with it. */
export class HalfOpenPeerError extends CambiumError {
  constructor(peer: string, detail: string) {
    super('HALF_OPEN_PEER', `peer ${peer}: ${detail}`)
  }
}
