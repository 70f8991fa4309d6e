import type { Connection, Stream } from '@libp2p/interface'
import { decodeFault, FAULT_PROTOCOL, streamPipe, transportOf } from 'cambium/server'
import type { Libp2p } from 'libp2p'

/** A list with a number of 64 bits. */
const MAX_FRAME_BYTES = 10

/**
 * Listens to peers that say which answer was false.
 *
 * @param onFault told the peer's id and that of its request
 */
export async function serveFaults(
  node: Libp2p,
  onFault: (peer: string, requestId: bigint) => void,
): Promise<void> {
  // libp2p waits for what a handler returns before it looks at the stream as open: nothing is
  // returned to it.
  const onStream = (stream: Stream, connection: Connection) =>
    void listen(stream, connection, onFault)
  await node.handle(FAULT_PROTOCOL, onStream, { maxInboundStreams: 1 })
}

async function listen(
  stream: Stream,
  connection: Connection,
  onFault: (peer: string, requestId: bigint) => void,
): Promise<void> {
  const peer = connection.remotePeer.toString()
  const pipe = streamPipe(stream, {
    peer,
    transport: transportOf(connection.remoteAddr) ?? 'libp2p',
    maxFrameBytes: MAX_FRAME_BYTES,
    maxUnreadBytes: MAX_FRAME_BYTES,
  })
  try {
    for await (const frame of pipe) {
      onFault(peer, decodeFault(frame))
      break
    }
    pipe.close()
  } catch (error) {
    pipe.close(error as Error)
  }
}
