import { Peer } from '@ethereumjs/devp2p'

/**
 * Bytes of the largest frame that is taken. What a bridge asks for has 1.5 MiB at most, and what
 * nodes tell each other less; the library takes 16 MiB, which decompress to twenty times of that.
 */
const MAX_FRAME_BYTES = 4 * 2 ** 20

/**
 * The library's end of a connection, which ends it where a frame is too large to be one that was
 * asked for.
 */
export class BoundedPeer extends Peer {
  /** The library knows its own messages from those of subprotocols by the name of the class. */
  static override readonly name: string = 'Peer'

  override _handleHeader(): void {
    super._handleHeader()
    if (this._nextPacketSize > MAX_FRAME_BYTES) {
      throw new Error(`a frame of ${this._nextPacketSize} bytes, at most ${MAX_FRAME_BYTES}`)
    }
  }

  /** Why the other side disconnected. */
  get disconnectReason(): Peer['_disconnectReason'] {
    return this._disconnectReason
  }
}
