import type { EventEmitter } from 'node:events'
import type { Server } from 'node:net'
import { identify } from '@libp2p/identify'
import type { ConnectionGater, Transport } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { webRTCDirect } from '@libp2p/webrtc'
import { webSockets } from '@libp2p/websockets'
import { yamux } from '@libp2p/yamux'
import { CONNECTION_MONITOR, provideWithResolvers } from 'cambium/server'
import { createLibp2p, type Libp2p } from 'libp2p'
import type { Identity } from './identity/loadIdentity.ts'
import { type BridgeLimits, DEFAULT_LIMITS } from './limits/BridgeLimits.ts'
import { MAX_STREAMS } from './limits/IdleConnections.ts'
import { limitFrames, YAMUX_WINDOW_BYTES } from './limits/sockets/limitFrames.ts'
import { limitHandshakes } from './limits/sockets/limitHandshakes.ts'

export interface BridgeNodeOptions {
  identity: Identity
  /** Multiaddrs. */
  listen: string[]
  /** Multiaddrs to tell instead of those listened on; empty for those. */
  announce: string[]
  /** @default the defaults of a bridge */
  limits?: Pick<BridgeLimits, 'maxConnections' | 'deniedIps'>
  /** Who may connect. @default everybody */
  gate?: ConnectionGater
  /** Given the server below WebSockets, which libp2p keeps to itself. */
  onServer?: (server: Server) => void
  /** Told of each WebRTC handshake that is not begun. */
  onRefuse?: () => void
}

/**
 * Above the limit of the gate, which can close an idle connection for a new one; libp2p would only
 * refuse.
 */
const SPARE_CONNECTIONS = 32

/**
 * Bytes that a transport holds for a peer that does not take them, on top of the answers that are
 * counted. libp2p's own 4 MiB of WebSocket, and 2 MiB of each WebRTC stream, are 1 GiB for 256
 * peers.
 */
const MAX_BUFFERED_BYTES = 256 * 1024

/** A WebSocket message. libp2p's noise makes messages of up to 64 KiB; `ws` takes 100 MiB. */
const MAX_MESSAGE_BYTES = 256 * 1024

/** A libp2p node that listens on WebRTC-direct and WebSocket. */
export function bridgeNode(options: BridgeNodeOptions): Promise<Libp2p> {
  const { identity, listen, announce, limits = DEFAULT_LIMITS, gate = {} } = options
  const { onServer = () => {}, onRefuse = () => {} } = options
  provideWithResolvers()
  const webRtc = webRTCDirect({
    certificate: identity.certificate,
    // Clients come to the bridge's address; it has no use for STUN servers, which libp2p would ask
    // by default.
    rtcConfiguration: { iceServers: [] },
    dataChannel: { maxBufferedAmount: MAX_BUFFERED_BYTES },
  })
  const webSocket = webSockets({
    maxBufferedAmount: MAX_BUFFERED_BYTES,
    bufferedAmountPollInterval: 10,
  })
  const muxer = yamux({
    maxInboundStreams: MAX_STREAMS,
    streamOptions: {
      initialStreamWindowSize: YAMUX_WINDOW_BYTES,
      maxStreamWindowSize: YAMUX_WINDOW_BYTES,
    },
  })
  return createLibp2p({
    privateKey: identity.privateKey,
    addresses: { listen, announce },
    transports: [
      (components) => webRtc(limitHandshakes(components, onRefuse)),
      (components) => tapServer(webSocket(components), onServer),
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [() => limitFrames(muxer())],
    services: { identify: identify(), ping: ping() },
    connectionMonitor: CONNECTION_MONITOR,
    connectionGater: gate,
    connectionManager: {
      maxConnections: limits.maxConnections + SPARE_CONNECTIONS,
      deny: limits.deniedIps.map(toMultiaddr),
      // libp2p's 5 per second and host would refuse pages behind one proxy that come back after a
      // restart; the gate knows which address is a proxy's.
      inboundConnectionThreshold: 50,
      maxIncomingPendingConnections: 32,
    },
  })
}

/** What `@libp2p/websockets` keeps to itself, which is why it is pinned to one version. */
interface WebSocketListener {
  server: Server
  wsServer: { options: { maxPayload: number } }
  onWsServerConnection: (socket: EventEmitter & { terminate(): void }, request: unknown) => void
}

/** Sets what `@libp2p/websockets` has no option for. */
function tapServer(transport: Transport, onServer: (server: Server) => void): Transport {
  const createListener = transport.createListener.bind(transport)
  transport.createListener = (options) => {
    const listener = createListener(options)
    const inside = listener as unknown as WebSocketListener
    inside.wsServer.options.maxPayload = MAX_MESSAGE_BYTES
    const onConnection = inside.onWsServerConnection
    inside.onWsServerConnection = (socket, request) => {
      // Nobody else listens, and one malformed frame of a peer would end the process.
      socket.on('error', () => socket.terminate())
      onConnection.call(listener, socket, request)
    }
    onServer(inside.server)
    return listener
  }
  return transport
}

/** `203.0.113.0/24` → `/ip4/203.0.113.0/ipcidr/24` */
function toMultiaddr(network: string): string {
  const [address = '', bits] = network.split('/')
  const host = `/${address.includes(':') ? 'ip6' : 'ip4'}/${address}`
  return bits === undefined ? host : `${host}/ipcidr/${bits}`
}
