import type { Connection, Stream } from '@libp2p/interface'
import {
  encodeHead,
  HEAD_PROTOCOL,
  PeerProtocolError,
  streamPipe,
  transportOf,
} from 'cambium/server'
import type { Libp2p } from 'libp2p'
import type { HeadFeed } from './HeadFeed.ts'

/** Nothing is to be read from such a stream. */
const MAX_FRAME_BYTES = 1

/**
 * Some 150 heads beyond what the connection itself holds: a peer that has not read them is closed.
 */
const MAX_UNSENT_BYTES = 16 * 1024

/**
 * Announces heads over libp2p: to each stream that a client opens, the newest at once and every
 * later one.
 */
export async function serveHeads(
  node: Libp2p,
  heads: HeadFeed,
  maxInboundStreams: number,
): Promise<void> {
  // libp2p waits for what a handler returns before it looks at the stream as open: nothing is
  // returned to it.
  const onStream = (stream: Stream, connection: Connection) =>
    void announce(stream, connection, heads)
  await node.handle(HEAD_PROTOCOL, onStream, { maxInboundStreams })
}

async function announce(stream: Stream, connection: Connection, heads: HeadFeed): Promise<void> {
  const peer = connection.remotePeer.toString()
  const pipe = streamPipe(stream, {
    peer,
    transport: transportOf(connection.remoteAddr) ?? 'libp2p',
    maxFrameBytes: MAX_FRAME_BYTES,
    maxUnsentBytes: MAX_UNSENT_BYTES,
  })
  const unsubscribe = heads.subscribe((head) => pipe.send(encodeHead(head)))
  try {
    for await (const _ of pipe) {
      pipe.close(new PeerProtocolError(peer, 'unexpected message', 'heads are only read'))
    }
  } catch {
    // The connection broke, or the peer sent or left unread too much: it has lost its stream, and
    // nobody waits for it.
  } finally {
    unsubscribe()
  }
}
