import { noise } from '@libp2p/noise'
import { webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { CONNECTION_MONITOR } from '../../../dist/libp2p/connectionMonitor.js'
import { provideWithResolvers } from '../../../dist/libp2p/withResolvers.js'

/**
 * A libp2p node that only dials, as a page's does. `cambium/libp2p` carries the browser's build of
 * libp2p, which has no WebRTC in Node.
 *
 * @param {number} dialTimeout milliseconds
 */
export function clientNode(dialTimeout) {
  provideWithResolvers()
  return createLibp2p({
    transports: [webRTCDirect({ rtcConfiguration: { iceServers: [] } }), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { dialTimeout, addressDialTimeout: dialTimeout },
    connectionMonitor: CONNECTION_MONITOR,
    connectionGater: { denyDialMultiaddr: () => false },
  })
}
