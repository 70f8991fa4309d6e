import { CambiumError } from '../base/CambiumError.ts'

/** A peer sends faster than it is read: more than the queue may hold waits here. */
export class FloodingPeerError extends CambiumError {
  constructor(peer: string, unread: { bytes: number; frames: number }) {
    const { bytes, frames } = unread
    super('FLOODING_PEER', `peer ${peer} floods: ${frames} frames with ${bytes} bytes wait unread`)
  }
}

/** A frame, or the length that a peer announced for one, is above the ceiling. */
export class FrameTooLargeError extends CambiumError {
  constructor(peer: string, detail: string, options?: { cause?: unknown }) {
    super('FRAME_TOO_LARGE', `frame with peer ${peer}: ${detail}`, options)
  }
}

/** A peer began a frame or a handshake and did not finish it in time. */
export class HalfOpenPeerError extends CambiumError {
  constructor(peer: string, detail: string) {
    super('HALF_OPEN_PEER', `peer ${peer}: ${detail}`)
  }
}

/** A bridge's address is not a multiaddr, or not one that this library can dial. */
export class MultiaddrError extends CambiumError {
  constructor(received: unknown, why: string, options?: { cause?: unknown }) {
    const shown = typeof received === 'string' ? `"${received.slice(0, 200)}"` : String(received)
    super('MULTIADDR', `bridge address ${shown}: ${why}`, options)
  }
}

/** A peer does not take what it is sent: more than the queue may hold waits for it. */
export class SlowPeerError extends CambiumError {
  constructor(peer: string, detail: string) {
    super('SLOW_PEER', `peer ${peer} does not read: ${detail}`)
  }
}
