import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { CONNECTION_MONITOR } from './connectionMonitor.ts'
import type { Libp2pNode } from './Libp2pNode.ts'
import { provideWithResolvers } from './withResolvers.ts'

/**
 * A libp2p node that only dials: WebRTC-direct and WebSocket, a new identity each time.
 *
 * Its modules, key, parts and first dial take 10 to 30 ms each. They follow one another without a
 * pause otherwise, in one task of the page's thread, which would be long enough to lose frames.
 *
 * @param dialTimeoutMs time for one address
 */
export async function pageNode(
  dialTimeoutMs: number,
): Promise<Libp2pNode & { stop(): void | Promise<void> }> {
  provideWithResolvers()
  await nextTask()
  const privateKey = await generateKeyPair('Ed25519')
  await nextTask()
  const node = await createLibp2p({
    privateKey,
    // libp2p would read `navigator`, which Node 20 lacks.
    nodeInfo: { userAgent: 'cambium' },
    transports: [
      // libp2p's default asks public STUN servers; a bridge is dialled at its own address, and no
      // third party need know.
      webRTCDirect({ rtcConfiguration: { iceServers: [] } }),
      webSockets(),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { dialTimeout: dialTimeoutMs, addressDialTimeout: dialTimeoutMs },
    connectionMonitor: CONNECTION_MONITOR,
    // In browsers libp2p refuses loopback and ws:// by default. Here the app named the address, and
    // noise encrypts.
    connectionGater: { denyDialMultiaddr: () => false },
  })
  await nextTask()
  return node
}

/** Lets the page draw and answer. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}
