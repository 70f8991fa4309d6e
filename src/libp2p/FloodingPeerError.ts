import { CambiumError } from '../base/CambiumError.ts'

/** A peer sends faster than it is read: more than the queue may hold waits here. */
export class FloodingPeerError extends CambiumError {
  constructor(peer: string, unread: { bytes: number; frames: number }) {
    const { bytes, frames } = unread
    super('FLOODING_PEER', `peer ${peer} floods: ${frames} frames with ${bytes} bytes wait unread`)
  }
}
