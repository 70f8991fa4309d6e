import { setMaxListeners } from 'node:events'
import { isIP } from 'node:net'
import type { Connection, Stream } from '@libp2p/interface'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import {
  type BlockHeader,
  MultiaddrError,
  SNAP_PROTOCOL,
  stateServer,
  transportOf,
} from 'cambium/server'
import { AnswerBudget } from './answers/AnswerBudget.ts'
import { AnswerCache } from './answers/AnswerCache.ts'
import type { BlocksOptions } from './BlocksOptions.ts'
import type { BridgeEvent } from './BridgeEvent.ts'
import { type BridgeLogger, SILENT_LOGGER } from './BridgeLogger.ts'
import type { BridgeState, HeldState } from './BridgeState.ts'
import { BlocksError } from './errors.ts'
import { freePort, HostError } from './freePort.ts'
import { atMostEvery } from './http/atMostEvery.ts'
import { headJson } from './http/headJson.ts'
import { httpServer } from './http/httpServer.ts'
import { loadIdentity } from './identity/loadIdentity.ts'
import { type BridgeLimits, checkLimits, DEFAULT_LIMITS } from './limits/BridgeLimits.ts'
import { FairQueue } from './limits/FairQueue.ts'
import { guardConnections } from './limits/guardConnections.ts'
import { BridgeMetrics } from './metrics/BridgeMetrics.ts'
import { RecentRequests } from './peers/RecentRequests.ts'
import { serveFaults } from './peers/serveFaults.ts'
import { serveHeads } from './peers/serveHeads.ts'
import { LARGEST_ANSWER_BYTES, type PeerService, servePeer } from './peers/servePeer.ts'
import { seededBlocks } from './seededBlocks.ts'

export interface BridgeOptions {
  /**
   * What to serve: see `genesisSource`, `fileSource` and `rlpxState`. A relay is stopped with the
   * bridge, or where it does not start.
   */
  state: BridgeState
  /**
   * Changes the state by made-up blocks, for demos and tests, and serves the 128 newest states.
   * @default it stays, or does what its own `heads` tell
   */
  blocks?: BlocksOptions
  /** Directory with the bridge's keys, made on first use. A copy of it can pose as this bridge. */
  identityDir: string
  /**
   * IP address to listen on; `0.0.0.0` for all of IPv4, `::` for all of IPv6. @default '127.0.0.1'
   */
  host?: string
  /** IP address of the HTTP port, where that is not for everybody. @default `host` */
  httpHost?: string
  /** UDP port of WebRTC-direct; 0 takes a free one, here and below. @default 4040 */
  webrtcPort?: number
  /** TCP port of libp2p's WebSocket. @default 4040 */
  wsPort?: number
  /** TCP port of `/peers.json`, `/heads`, `/healthz`, `/readyz` and `/metrics`. @default 4041 */
  httpPort?: number
  /** Whether `/metrics` answers other machines. @default only this machine and proxies on it */
  publicMetrics?: boolean
  /**
   * Multiaddrs to tell instead of those listened on, for a bridge behind a NAT or a TLS proxy. A
   * WebRTC-direct address gets the certificate's hash, and all get the peer id. @default those
   * listened on
   */
  announce?: readonly string[]
  /**
   * Bytes that answers may hold which have not left yet, over all peers. At the limit further
   * answers wait their turn, and who has not taken its answer for two seconds is closed. @default
   * 64 MiB, some 80 of the largest answers
   */
  maxUnsentBytes?: number
  /** Bytes of answers to keep for others who ask the same; 0 for none. @default 64 MiB */
  cacheBytes?: number
  /** How much all may have, and how much one. @default each as it says */
  limits?: Partial<BridgeLimits>
  /** Where to tell what happens. @default nowhere */
  logger?: BridgeLogger
  onEvent?: (event: BridgeEvent) => void
}

/** A running bridge. */
export interface Bridge {
  readonly peerId: string
  /** Where clients reach it, WebRTC-direct first; each ends with the peer id. */
  readonly multiaddrs: readonly string[]
  /**
   * Where `/peers.json`, `/heads`, `/healthz`, `/readyz` and `/metrics` are:
   * `http://127.0.0.1:4041`.
   */
  readonly url: string
  /** The newest block; `undefined` where the state never changes. */
  readonly head: BlockHeader | undefined
  /**
   * Takes no further requests, waits up to three seconds for answers to leave, then closes all
   * connections and ports; idempotent. The UDP port is released only when the process ends:
   * libjuice, the ICE library below WebRTC, cannot let go of it
   * (https://github.com/paullouisageneau/libjuice/pull/291).
   */
  stop(): Promise<void>
}

/**
 * A page needs one stream of each protocol; a second leaves room for one that opens before the old
 * one is given up.
 */
const MAX_STREAMS_PER_CONNECTION = 2

/**
 * What a peer that takes nothing may hold while others wait: well above the round trips of a slow
 * network.
 */
const PATIENCE_MS = 2_000

/**
 * Requests worked on at a time, of all and of one address. Those that wait for an upstream take no
 * time of the bridge's own: with 64 of them, answers of 512 KiB that take a second make 32 MB/s.
 */
const MAX_IN_WORK = 64
const MAX_IN_WORK_PER_IP = 16

/** Metrics are computed this often at most, in ms: a scraper comes every 15 s. */
const METRICS_EVERY_MS = 1_000

/** How long answers may take to leave when the bridge stops. */
const DRAIN_MS = 3_000

/**
 * Starts a bridge: serves a state over snap/1 to browsers, on WebRTC-direct and WebSocket, and
 * tells its addresses over HTTP. With the same identity directory and ports its multiaddrs are the
 * same after every start.
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
  try {
    return await startBridge(options)
  } catch (error) {
    // Its connections would keep the process alive.
    if ('relay' in options.state) await options.state.relay.stop()
    throw error
  }
}

async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { identityDir, host = '127.0.0.1', logger = SILENT_LOGGER, onEvent = () => {} } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  checkLimits(limits)
  const { maxUnsentBytes = 64 * 2 ** 20, cacheBytes = 64 * 2 ** 20 } = options
  const { webrtcPort = 4040, wsPort = 4040, httpPort = 4041, publicMetrics = false } = options
  const { httpHost = host } = options
  const family = isIP(host)
  for (const address of [host, httpHost]) {
    if (isIP(address) === 0) throw new HostError(address, 'must be an IP address')
  }
  const announce = (options.announce ?? []).map(checkedAddress)
  const blocks = options.blocks && seededBlocks(held(options.state), options.blocks)
  const state = blocks?.state ?? options.state
  const { network, heads } = state
  const metrics = new BridgeMetrics()
  const udp = await freePort('WebRTC', 'udp', host, webrtcPort)
  const tcp = await freePort('WebSocket', 'tcp', host, wsPort)
  const web = await freePort('HTTP', 'tcp', httpHost, httpPort)
  const identity = await loadIdentity(identityDir, (message) => logger.warn({}, message))

  const stopping = new AbortController()
  setMaxListeners(0, stopping.signal)
  const guard = guardConnections({ limits, metrics, logger, stopping: stopping.signal })
  // Here and not at import: some of libp2p's dependencies change globals when they load.
  const { bridgeNode } = await import('./bridgeNode.ts')
  const node = await bridgeNode({
    identity,
    listen: [`/ip${family}/${host}/udp/${udp}/webrtc-direct`, `/ip${family}/${host}/tcp/${tcp}/ws`],
    announce,
    ...{ limits, ...guard },
  })
  guard.watch(node)
  const answers = new AnswerCache({
    answer: 'relay' in state ? (request) => state.relay.answer(request) : stateServer(state.source),
    maxBytes: cacheBytes,
    onAnswer: (outcome) => metrics.cached(outcome),
  })
  const turns = new FairQueue({
    bytesPerSecond: limits.bytesPerSecond,
    bytesPerSecondEach: limits.bytesPerSecondPerIp,
    maxInWork: MAX_IN_WORK,
    maxInWorkEach: MAX_IN_WORK_PER_IP,
  })
  const recent = new RecentRequests()
  // Less than one answer would let nobody in.
  const bytes = Math.max(maxUnsentBytes, LARGEST_ANSWER_BYTES)
  const budget = new AnswerBudget({ bytes, patienceMs: PATIENCE_MS })
  const service: PeerService = {
    answer: (request) => answers.answer(request),
    onRequest: (peer, request) => recent.note(peer, request),
    ...{ turns, budget, metrics, logger, onEvent },
    whose: guard.whose,
    onActive: guard.onActive,
    onFault: guard.onFault,
    stopping: stopping.signal,
  }
  const serving = new Set<Promise<void>>()
  // libp2p waits for what a handler returns before it looks at the stream as open: nothing is
  // returned to it.
  const onStream = (stream: Stream, connection: Connection) => {
    const served = servePeer(stream, connection, service).then(() => void serving.delete(served))
    serving.add(served)
  }
  await node.handle(SNAP_PROTOCOL, onStream, { maxInboundStreams: MAX_STREAMS_PER_CONNECTION })
  if (heads !== undefined) await serveHeads(node, heads, MAX_STREAMS_PER_CONNECTION)
  await serveFaults(node, (peer, id) => {
    const request = recent.take(peer, id)
    if (request === undefined) return
    const answer = answers.forget(request)
    const { kind } = request
    onEvent({ type: 'refuted', peer, kind })
    logger.debug({ peer, kind }, 'answer called false')
    if (!('relay' in state)) return
    void state.relay.refute(request, answer).then((isFalse) => isFalse && answers.clear())
  })

  const multiaddrs = node.getMultiaddrs().sort(webrtcFirst).map(String)
  const head = () => heads && { head: headJson(heads.head) }
  const readiness = () => {
    if (stopping.signal.aborted) return { ready: false, reason: 'stopping' }
    return 'relay' in state ? state.relay.ready() : { ready: true }
  }
  metrics.watch({
    connections: () => countBy(node.getConnections(), transportName),
    streams: () => serving.size,
    peers: () => node.getPeers().length,
    inFlight: () => budget.holders,
    waiting: () => turns.waiting + budget.waiting,
    unsentBytes: () => budget.heldBytes,
    cacheBytes: () => answers.bytes,
    ...(heads && { head: () => heads.head.number }),
    ...('relay' in state && { upstreams: () => state.relay.upstreams() }),
  })
  if ('relay' in state)
    state.relay.onAsked = (kind, outcome) => metrics.upstreamEnded(kind, outcome)
  const readMetrics = atMostEvery(METRICS_EVERY_MS, () => metrics.read())
  const server = await httpServer(httpHost, web, {
    admits: guard.admitsSocket,
    ...(!publicMetrics && { local: new Set(['/metrics']) }),
    answers: {
      '/peers.json': () => ({ body: { network, multiaddrs, ...head() } }),
      '/healthz': () => ({
        body: {
          status: 'ok',
          network: network.name,
          stateRoot: network.stateRoot,
          connections: node.getConnections().length,
          ...head(),
        },
      }),
      '/readyz': () => {
        const body = readiness()
        return { status: body.ready ? 200 : 503, body }
      },
      '/metrics': async () => {
        const { text, type } = await readMetrics()
        return { body: text, type }
      },
    },
    events: {
      ...(heads && { '/heads': (send) => heads.subscribe((head) => send(headJson(head))) }),
    },
  }).catch(async (error) => {
    await node.stop()
    throw error
  })
  const unsubscribe = heads?.subscribe((head) => {
    onEvent({ type: 'head', head })
    logger.info({ ...headJson(head) }, 'new head')
  })
  blocks?.start()
  logger.info({ network: network.name, peerId: node.peerId.toString(), multiaddrs }, 'serving')

  let stopped: Promise<void> | undefined
  async function stop() {
    logger.info({ inFlight: budget.holders, waiting: turns.waiting }, 'stopping')
    stopping.abort()
    blocks?.stop()
    unsubscribe?.()
    await inTime(Promise.all(serving), DRAIN_MS)
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await node.stop()
    await closed
    if ('relay' in state) await state.relay.stop()
    logger.info({}, 'stopped')
  }
  return {
    peerId: node.peerId.toString(),
    multiaddrs,
    url: `http://${isIP(httpHost) === 6 ? `[${httpHost}]` : httpHost}:${web}`,
    get head() {
      return heads?.head
    },
    stop: () => (stopped ??= stop()),
  }
}

/** Resolves when `work` does, or the time has passed. */
function inTime(work: Promise<unknown>, ms: number): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout>
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return Promise.race([work.finally(() => clearTimeout(timer)), late])
}

function transportName({ remoteAddr }: Connection): string {
  return transportOf(remoteAddr) ?? 'libp2p'
}

function countBy<Item>(items: readonly Item[], nameOf: (item: Item) => string) {
  const counts: Record<string, number> = { webrtc: 0, websocket: 0 }
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1
  return counts
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
