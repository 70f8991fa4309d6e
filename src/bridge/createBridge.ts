import { isIP } from 'node:net'
import type { Connection, Stream } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { transportOf } from '../libp2p/bridgeAddresses.ts'
import { MultiaddrError } from '../libp2p/MultiaddrError.ts'
import { SNAP_PROTOCOL } from '../libp2p/protocol.ts'
import { SlowPeerError } from '../libp2p/SlowPeerError.ts'
import { streamPipe } from '../libp2p/streamPipe.ts'
import type { SnapRequest } from '../snap/SnapMessage.ts'
import { serveSnap } from '../snap/serveSnap.ts'
import { stateServer } from '../snap/stateServer.ts'
import type { BlockHeader } from '../state/BlockHeader.ts'
import { AnswerBudget } from './AnswerBudget.ts'
import { AnswerCache } from './AnswerCache.ts'
import { BlocksError } from './BlocksError.ts'
import type { BlocksOptions } from './BlocksOptions.ts'
import type { BridgeState, HeldState } from './BridgeState.ts'
import { headJson } from './headJson.ts'
import { httpServer } from './httpServer.ts'
import { loadIdentity } from './loadIdentity.ts'
import { freePort, HostError } from './ports.ts'
import { RecentRequests } from './RecentRequests.ts'
import { seededBlocks } from './seededBlocks.ts'
import { serveFaults } from './serveFaults.ts'
import { serveHeads } from './serveHeads.ts'

/** Something that happened to a peer of a bridge, for people to see. */
export type BridgeEvent =
  | { type: 'joined'; peer: string; transport: string }
  /** `reason` where the peer was refused or its connection broke. */
  | { type: 'left'; peer: string; transport: string; reason?: string }
  /** A peer says that the answer to a request of its was false. */
  | { type: 'refuted'; peer: string; kind: SnapRequest['kind'] }
  /** The state is that of another block. */
  | { type: 'head'; head: BlockHeader }

export interface BridgeOptions {
  /** What to serve: see `genesisSource` and `fileSource`. */
  state: BridgeState
  /**
   * Changes the state by made-up blocks, for demos and tests, and serves the 128 newest states. @default it stays, or does
   * what its own `heads` tell
   */
  blocks?: BlocksOptions
  /** Directory with the bridge's keys, made on first use. Whoever has it can be this bridge. */
  identityDir: string
  /** IP address to listen on; `0.0.0.0` and `::` for all. @default '127.0.0.1' */
  host?: string
  /** UDP port of WebRTC-direct; 0 takes a free one, here and below. @default 4040 */
  webrtcPort?: number
  /** TCP port of libp2p's WebSocket. @default 4040 */
  wsPort?: number
  /** TCP port of `/peers.json`, `/heads` and `/healthz`. @default 4041 */
  httpPort?: number
  /**
   * Multiaddrs to tell instead of those listened on, for a bridge behind a NAT or a TLS proxy. A WebRTC-direct address
   * gets the certificate's hash, and all get the peer id. @default those listened on
   */
  announce?: readonly string[]
  /**
   * Bytes that answers may hold which have not left yet, over all peers. At the limit further answers wait their turn, and
   * who has not taken its answer for two seconds is closed. @default 64 MiB, some 80 of the largest answers
   */
  maxUnsentBytes?: number
  /** Bytes of answers to keep for others who ask the same; 0 for none. @default 64 MiB */
  cacheBytes?: number
  onEvent?: (event: BridgeEvent) => void
}

/** A running bridge. */
export interface Bridge {
  readonly peerId: string
  /** Where clients reach it, WebRTC-direct first; each ends with the peer id. */
  readonly multiaddrs: readonly string[]
  /** Where `/peers.json`, `/heads` and `/healthz` are: `http://127.0.0.1:4041`. */
  readonly url: string
  /** The newest block; `undefined` where the state never changes. */
  readonly head: BlockHeader | undefined
  /**
   * Closes all connections and ports; idempotent. The UDP port is released only when the process ends: libjuice, the ICE
   * library below WebRTC, cannot let go of it (https://github.com/paullouisageneau/libjuice/pull/291).
   */
  stop(): Promise<void>
}

/** A page needs one stream of each protocol; a second leaves room for one that opens before the old one is given up. */
const MAX_STREAMS_PER_CONNECTION = 2

/** The longest sensible request, 1,024 paths with their account hashes, has some 70 KB. */
const MAX_REQUEST_BYTES = 128 * 1024

/** Bytes of requests that may wait on a stream while one is answered: a page has at most one of each of four kinds. */
const MAX_WAITING_BYTES = 2 * MAX_REQUEST_BYTES

/** What an answer aims at, whatever was asked for: what pages ask for at most. */
const ANSWER_BYTES = 512 * 1024

/**
 * What an answer may have beyond that: a tenth for a contract's last slots, a proof of at most 68 KB, an item more, and
 * headers.
 */
const ANSWER_MARGIN_BYTES = 256 * 1024

/** What a peer that takes nothing may hold while others wait: well above the round trips of a slow network. */
const PATIENCE_MS = 2_000

/**
 * Starts a bridge: serves a state over snap/1 to browsers, on WebRTC-direct and WebSocket, and tells its addresses over
 * HTTP. With the same identity directory and ports its multiaddrs are the same after every start.
 *
 * @throws {HostError} when `host` is not an IP address of this machine
 * @throws {PortError} when a port is not a port, taken or not allowed
 * @throws {IdentityError} when the keys cannot be read or made
 * @throws {MultiaddrError} when an address to announce is malformed
 * @throws {BlocksError} when the time or the seed of blocks makes no sense
 *
 * @example
 * const state = await genesisSource('hoodi')
 * const bridge = await createBridge({ state, identityDir: '/var/lib/cambium' })
 * console.log(bridge.multiaddrs)
 * await bridge.stop()
 */
export async function createBridge(options: BridgeOptions): Promise<Bridge> {
  const { identityDir, host = '127.0.0.1', onEvent = () => {} } = options
  const { maxUnsentBytes = 64 * 2 ** 20, cacheBytes = 64 * 2 ** 20 } = options
  const { webrtcPort = 4040, wsPort = 4040, httpPort = 4041 } = options
  const family = isIP(host)
  if (family === 0) throw new HostError(host, 'must be an IP address')
  const announce = (options.announce ?? []).map(checkedAddress)
  const blocks = options.blocks && seededBlocks(held(options.state), options.blocks)
  const state = blocks?.state ?? options.state
  const { network, heads } = state
  const udp = await freePort('WebRTC', 'udp', host, webrtcPort)
  const tcp = await freePort('WebSocket', 'tcp', host, wsPort)
  const web = await freePort('HTTP', 'tcp', host, httpPort)
  const identity = await loadIdentity(identityDir)

  // Here and not at import: some of libp2p's dependencies change globals when they load.
  const { bridgeNode } = await import('./bridgeNode.ts')
  const node = await bridgeNode({
    identity,
    listen: [`/ip${family}/${host}/udp/${udp}/webrtc-direct`, `/ip${family}/${host}/tcp/${tcp}/ws`],
    announce,
  })
  const answers = new AnswerCache({
    answer: 'relay' in state ? (request) => state.relay.answer(request) : stateServer(state.source),
    maxBytes: cacheBytes,
  })
  const recent = new RecentRequests()
  // Less than one answer would let nobody in.
  const bytes = Math.max(maxUnsentBytes, ANSWER_BYTES + ANSWER_MARGIN_BYTES)
  const budget = new AnswerBudget({ bytes, patienceMs: PATIENCE_MS })
  const serve = async (stream: Stream, connection: Connection) => {
    const peer = connection.remotePeer.toString()
    const transport = transportOf(connection.remoteAddr) ?? 'libp2p'
    onEvent({ type: 'joined', peer, transport })
    const ended = new AbortController()
    const pipe = streamPipe(stream, {
      ...{ peer, transport },
      maxFrameBytes: MAX_REQUEST_BYTES,
      maxUnreadBytes: MAX_WAITING_BYTES,
      onClose: () => ended.abort(),
    })
    const reserve = (request: SnapRequest) =>
      budget.take({
        bytes: Math.min(request.bytes, ANSWER_BYTES) + ANSWER_MARGIN_BYTES,
        signal: ended.signal,
        onEvict() {
          const error = new SlowPeerError(peer, 'held an answer while others waited')
          onFault(error)
          pipe.close(error)
        },
      })
    const handler = (request: SnapRequest) => {
      const bounded = { ...request, bytes: Math.min(request.bytes, ANSWER_BYTES) }
      recent.note(peer, bounded)
      return answers.answer(bounded)
    }
    let reason: string | undefined
    const onFault = (error: unknown) => {
      reason = error instanceof Error ? error.message : String(error)
    }
    // One at a time: the next request is looked at when the answer to the one before has left.
    await serveSnap(pipe, handler, { concurrency: 1, reserve, onFault })
    onEvent({ type: 'left', peer, transport, ...(reason !== undefined && { reason }) })
  }
  // libp2p waits for what a handler returns before it looks at the stream as open: nothing is returned to it.
  const onStream = (stream: Stream, connection: Connection) => void serve(stream, connection)
  await node.handle(SNAP_PROTOCOL, onStream, { maxInboundStreams: MAX_STREAMS_PER_CONNECTION })
  if (heads !== undefined) await serveHeads(node, heads, MAX_STREAMS_PER_CONNECTION)
  await serveFaults(node, (peer, id) => {
    const request = recent.take(peer, id)
    if (request === undefined) return
    const answer = answers.forget(request)
    onEvent({ type: 'refuted', peer, kind: request.kind })
    if ('relay' in state) void state.relay.refute(request, answer)
  })

  const multiaddrs = node.getMultiaddrs().sort(webrtcFirst).map(String)
  const head = () => heads && { head: headJson(heads.head) }
  const server = await httpServer(host, web, {
    json: {
      '/peers.json': () => ({ network, multiaddrs, ...head() }),
      '/healthz': () => ({
        status: 'ok',
        network: network.name,
        stateRoot: network.stateRoot,
        connections: node.getConnections().length,
        ...head(),
      }),
    },
    events: {
      ...(heads && { '/heads': (send) => heads.subscribe((head) => send(headJson(head))) }),
    },
  }).catch(async (error) => {
    await node.stop()
    throw error
  })
  const unsubscribe = heads?.subscribe((head) => onEvent({ type: 'head', head }))
  blocks?.start()

  let stopped: Promise<void> | undefined
  async function stop() {
    blocks?.stop()
    unsubscribe?.()
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await node.stop()
    await closed
    if ('relay' in state) await state.relay.stop()
  }
  return {
    peerId: node.peerId.toString(),
    multiaddrs,
    url: `http://${family === 6 ? `[${host}]` : host}:${web}`,
    get head() {
      return heads?.head
    },
    stop: () => (stopped ??= stop()),
  }
}

function held(state: BridgeState): HeldState {
  if ('source' in state) return state
  throw new BlocksError('state', 'one that the bridge holds', 'one that is relayed')
}

function checkedAddress(text: string): string {
  try {
    return multiaddr(text).toString()
  } catch (cause) {
    throw new MultiaddrError(text, `not a multiaddr (${(cause as Error).message})`, { cause })
  }
}

function webrtcFirst(a: Multiaddr, b: Multiaddr): number {
  return Number(transportOf(b) === 'webrtc') - Number(transportOf(a) === 'webrtc')
}
