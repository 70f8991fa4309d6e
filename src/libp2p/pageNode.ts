import { noise } from '@libp2p/noise'
import { webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p, type Libp2p } from 'libp2p'
import { CONNECTION_MONITOR } from './connectionMonitor.ts'
import { provideWithResolvers } from './withResolvers.ts'

/**
 * A libp2p node that only dials: WebRTC-direct and WebSocket, a new identity each time.
 *
 * @param dialTimeoutMs time for one address
 */
export function pageNode(dialTimeoutMs: number): Promise<Libp2p> {
  provideWithResolvers()
  return createLibp2p({
    transports: [
      // libp2p's default asks public STUN servers; a bridge is dialled at its own address, and no third party need know.
      webRTCDirect({ rtcConfiguration: { iceServers: [] } }),
      webSockets(),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { dialTimeout: dialTimeoutMs, addressDialTimeout: dialTimeoutMs },
    connectionMonitor: CONNECTION_MONITOR,
    // In browsers libp2p refuses loopback and ws:// by default. Here the app named the address, and noise encrypts.
    connectionGater: { denyDialMultiaddr: () => false },
  })
}
