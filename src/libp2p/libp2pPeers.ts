import { AsyncQueue } from '../base/AsyncQueue.ts'
import { type BackOffOptions, backOff } from '../base/backOff.ts'
import type { BlockHeader } from '../chain/Header.ts'
import type { FramePipe } from '../pipes/FramePipe.ts'
import type { PeerSource } from '../pipes/PeerSource.ts'
import { bridgeAddresses, type Transport } from './bridgeAddresses.ts'
import { keepConnected } from './keepConnected.ts'
import type { Libp2pNode } from './Libp2pNode.ts'
import { sleepWhileAway } from './sleepWhileAway.ts'

export interface Libp2pPeersOptions {
  /**
   * Multiaddrs of bridges, each ending with `/p2p/…`. Those with the same peer id are ways to one
   * bridge.
   */
  bridges: readonly string[]
  /**
   * A started libp2p node (libp2p 3) of the app, to dial with. It stays the app's: connections that
   * it already has are used and left open, and it is never stopped. Its connection gater must allow
   * the addresses.
   * @default a node of our own, which is loaded when a sync starts and stopped when it ends
   */
  libp2p?: Libp2pNode
  /** Ways to take, in the order in which they are tried. @default ['webrtc', 'websocket'] */
  transports?: readonly Transport[]
  /**
   * Time for one address, from the first packet to an open stream, in ms. Where UDP is blocked, it
   * passes before WebSocket is tried. @default 6 000
   */
  dialTimeoutMs?: number
  /**
   * Waits between tries; without it they double from 0.5 s to 30 s. They begin anew after a
   * connection of a minute or more that the sync did not end for what the bridge sent.
   */
  backOff?: BackOffOptions
  /**
   * Called with the newest block that a bridge announces, and with each that comes; `peer` is the
   * bridge's peer id. These are hints, which nobody has proven: for people to see, never to choose
   * a root to trust.
   */
  onHead?: (head: BlockHeader, peer: string) => void
  /**
   * Waits that long, or until `signal` aborts; does not reject. @default a timer that ends early
   * when the page comes back
   */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
  /** Numbers from 0 to below 1, for the jitter. @default Math.random */
  random?: () => number
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: () => number
}

/**
 * Peers over libp2p: dials each bridge over WebRTC-direct and, where that fails, over WebSocket,
 * keeps one stream to it, and dials again, after a wait that grows, when it is lost. One bridge is
 * one peer: it never has two pipes at once. The libp2p node is made when a sync starts and stopped
 * when it ends.
 *
 * Belongs on the page: `RTCPeerConnection` does not exist in workers.
 *
 * @throws {MultiaddrError} at once, when an address is malformed, without peer id, or of a
 *   transport not spoken here
 * @throws {BackOffError} at once, when a number of the back-off makes no sense
 *
 * @example
 * const peers = libp2pPeers({
 *   bridges: ['/ip4/203.0.113.7/udp/4001/webrtc-direct/certhash/uEi…/p2p/12D3…'],
 * })
 * const sync = await createStateSync({ chain, trust, peers })
 */
export function libp2pPeers(options: Libp2pPeersOptions): PeerSource {
  const {
    transports = ['webrtc', 'websocket'],
    dialTimeoutMs = 6_000,
    wait = sleepWhileAway,
  } = options
  const { now = () => performance.now() } = options
  const bridges = bridgeAddresses(options.bridges, transports)
  const delay = backOff(options.backOff, options.random)

  return async function* run({ signal: outer, onEvent }) {
    const left = new AbortController()
    const signal = AbortSignal.any([outer, left.signal])
    if (signal.aborted) return
    const own = options.libp2p === undefined ? await ownNode(dialTimeoutMs) : undefined
    const node = own ?? options.libp2p!
    const pipes = new AsyncQueue<FramePipe>()
    const keepers = [...bridges].map(([peer, addresses]) =>
      keepConnected({
        ...{ node, peer, addresses, dialTimeoutMs, delay, wait, now, signal, onEvent },
        onPipe: (pipe) => pipes.push(pipe),
        onHead: options.onHead,
      }),
    )
    // Keepers end by the signal; an error that ends one is a fault in this code, and the reader
    // must see it.
    const ended = Promise.all(keepers).then(
      () => pipes.end(),
      (error: Error) => pipes.end(error),
    )
    try {
      yield* pipes
    } finally {
      left.abort()
      await ended
      await own?.stop()
    }
  }
}

async function ownNode(dialTimeoutMs: number) {
  // Here and not at import: libp2p is most of a page's bundle, and some of its dependencies change
  // globals on load.
  const { pageNode } = await import('./pageNode.ts')
  return pageNode(dialTimeoutMs)
}
