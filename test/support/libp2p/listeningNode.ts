import { once } from 'node:events'
import { createServer } from 'node:net'
import type { PrivateKey } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'
import { provideWithResolvers } from '../../../src/libp2p/withResolvers.ts'

/** A libp2p node in the place of a bridge: listens on a WebSocket of 127.0.0.1. */
export function listeningNode(privateKey: PrivateKey, port: number): Promise<Libp2p> {
  provideWithResolvers()
  return createLibp2p({
    privateKey,
    addresses: { listen: [`/ip4/127.0.0.1/tcp/${port}/ws`] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // Tests come back faster than the five times a second that libp2p allows one host.
    connectionManager: { inboundConnectionThreshold: 1_000 },
  })
}

/** A TCP port of 127.0.0.1 that nothing listened on a moment ago. */
export async function freeLoopbackPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}
