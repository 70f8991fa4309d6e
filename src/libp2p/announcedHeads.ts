import type { BlockHeader } from '../chain/Header.ts'
import { transportOf } from './bridgeAddresses.ts'
import type { Libp2pConnection } from './Libp2pNode.ts'
import { decodeHead } from './protocols/headCodec.ts'
import { HEAD_PROTOCOL } from './protocols/protocol.ts'
import { streamPipe } from './streamPipe.ts'

/** A head has some 110 bytes. */
const MAX_FRAME_BYTES = 128

/** Heads of two hours at 12 s each: who does not read for so long has no use for them. */
const MAX_UNREAD_BYTES = 600 * MAX_FRAME_BYTES

/**
 * The heads that a bridge announces: the newest at once, then each that comes. They are hints,
 * which nobody has proven: good for telling people what a bridge is at, never for choosing a root
 * to trust.
 *
 * Ends when `signal` aborts or the bridge ends the stream.
 *
 * @throws {PeerProtocolError} when the bridge sends anything else
 * @throws {FrameTooLargeError | FloodingPeerError} when it sends too much
 * @throws {Error} libp2p's own, when the bridge has no heads to announce, or the connection breaks
 *
 * @example
 * for await (const { number } of announcedHeads(connection, { signal })) console.log(number)
 */
export async function* announcedHeads(
  connection: Libp2pConnection,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<BlockHeader, void, undefined> {
  const peer = connection.remotePeer.toString()
  const pipe = streamPipe(await connection.newStream(HEAD_PROTOCOL, { signal }), {
    peer,
    transport: transportOf(connection.remoteAddr) ?? 'libp2p',
    maxFrameBytes: MAX_FRAME_BYTES,
    maxUnreadBytes: MAX_UNREAD_BYTES,
  })
  const stop = () => pipe.close()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    for await (const frame of pipe) yield decodeHead(frame, peer)
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}
