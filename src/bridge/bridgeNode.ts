import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'
import { CONNECTION_MONITOR } from '../libp2p/connectionMonitor.ts'
import { provideWithResolvers } from '../libp2p/withResolvers.ts'
import type { Identity } from './loadIdentity.ts'

/**
 * A page has one connection. What peers may send ahead, two streams of 384 KiB of requests each, is 192 MiB for 256 of
 * them, and what they do not read is bounded for all of them together: what a small machine can hold.
 */
const MAX_CONNECTIONS = 256

export interface BridgeNodeOptions {
  identity: Identity
  /** Multiaddrs. */
  listen: string[]
  /** Multiaddrs to tell instead of those listened on; empty for those. */
  announce: string[]
}

/** A libp2p node that listens on WebRTC-direct and WebSocket. */
export function bridgeNode({ identity, listen, announce }: BridgeNodeOptions): Promise<Libp2p> {
  provideWithResolvers()
  return createLibp2p({
    privateKey: identity.privateKey,
    addresses: { listen, announce },
    transports: [
      webRTCDirect({
        certificate: identity.certificate,
        // Clients come to the bridge's address; it has no use for STUN servers, which libp2p would ask by default.
        rtcConfiguration: { iceServers: [] },
      }),
      webSockets(),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
    connectionMonitor: CONNECTION_MONITOR,
    connectionManager: {
      maxConnections: MAX_CONNECTIONS,
      // libp2p's 5 per second and host would refuse pages behind one proxy or NAT that come back after a restart.
      inboundConnectionThreshold: 50,
      maxIncomingPendingConnections: 32,
    },
  })
}
