import { connect, type Socket } from 'node:net'
import { Common, Mainnet } from '@ethereumjs/common'
import { type DISCONNECT_REASON, DisconnectReasonNames } from '@ethereumjs/devp2p'
import {
  AsyncQueue,
  decodeMessageHead,
  emptyFields,
  encodeRlp,
  type FramePipe,
  SNAP_KINDS,
  type SnapResponse,
} from 'cambium/server'
import { BoundedPeer } from './BoundedPeer.ts'
import type { NodeKey } from './createNodeKey.ts'
import type { Enode } from './Enode.ts'
import { UpstreamError } from './errors.ts'
import { EthSession } from './eth/EthSession.ts'
import type { EthStatus } from './eth/EthStatus.ts'
import type { EthVersion } from './eth/ethStatusCodec.ts'
import { type OnMessage, type SendMessage, subprotocol } from './subprotocol.ts'

export interface RlpxOptions {
  enode: Enode
  key: NodeKey
  /** Ends the connection, and an attempt to have one. */
  signal: AbortSignal
  /** From the first packet to the status of the node, in ms. */
  timeoutMs: number
  /** The node has told the hash of its newest block, 32 bytes. */
  onLatest: (latestHash: Uint8Array) => void
}

/**
 * What may wait to be sent: a hundred requests. A node that asks and does not read would make it
 * grow without end.
 */
const MAX_UNSENT_BYTES = 2 ** 20

/** What the bridge is called in a node's list of peers. */
const CLIENT_ID = 'cambium-bridge'

/** How many message codes each has. */
const ETH_CODES: Record<EthVersion, number> = { 68: 17, 69: 18 }
const SNAP_CODES = 8

/**
 * A connection to an execution client: TCP, RLPx, and over it `eth` and `snap/1`.
 *
 * Uses the library's `Peer`, not the `RLPx` around it, which is one list of peers for dialling,
 * discovery and listening: it does not tell when a handshake fails, and dials again by itself. The
 * capabilities are the same.
 */
export class RlpxConnection {
  /**
   * Connects, and goes through all handshakes.
   *
   * @throws {UpstreamError} when the node cannot be reached, is another than the enode says, does
   *   not speak `eth` and `snap/1`, or ends the connection
   */
  static async open(options: RlpxOptions): Promise<RlpxConnection> {
    const connection = new RlpxConnection(options)
    const { timeoutMs } = options
    const timer = setTimeout(() => connection.end(`no handshake within ${timeoutMs} ms`), timeoutMs)
    const error = await Promise.race([connection.#greeted, connection.ended])
    clearTimeout(timer)
    if (error !== undefined) throw error
    return connection
  }

  /** Frames of snap/1. */
  readonly snap: FramePipe
  /** Resolves when the connection has ended, with the reason; never rejects. */
  readonly ended: Promise<UpstreamError>
  readonly #options: RlpxOptions
  readonly #socket: Socket
  readonly #frames = new AsyncQueue<Uint8Array>()
  readonly #greeted: Promise<void>
  #onStatus: (status: EthStatus) => void = () => {}
  #status: EthStatus | undefined
  #eth: EthSession | undefined
  #sendSnap: SendMessage | undefined
  #peer: BoundedPeer | undefined
  #why: string | undefined

  private constructor(options: RlpxOptions) {
    this.#options = options
    const { enode, signal } = options
    // A small message must not wait for the acknowledgement of the one before.
    this.#socket = connect({ host: enode.host, port: enode.port, noDelay: true })
    this.#greeted = new Promise((resolve) => {
      this.#onStatus = (status) => {
        this.#status = status
        resolve()
      }
    })
    const onAbort = () => this.end('no longer needed')
    signal.addEventListener('abort', onAbort)
    this.ended = new Promise((resolve) => {
      this.#socket.once('close', () => {
        signal.removeEventListener('abort', onAbort)
        const error = new UpstreamError(enode.name, this.#reason())
        this.#eth?.end(error)
        this.#frames.end(error)
        resolve(error)
      })
    })
    this.#socket.on('error', (error) => this.end(error.message))
    // Both sides have said that they end it. A connection left open would seem to last for ever.
    this.#socket.once('finish', () => this.#socket.destroy())
    this.#socket.once('connect', () => {
      try {
        this.#shakeHands()
      } catch (error) {
        this.end(`the id in its enode is no public key (${(error as Error).message})`)
      }
    })
    this.snap = {
      peer: enode.name,
      transport: 'rlpx',
      send: (frame) => this.#sendSnap?.(frame[0]!, frame.subarray(1)),
      close: (reason) => {
        this.end(reason?.message ?? 'no longer needed')
        this.#frames.abandon()
      },
      [Symbol.asyncIterator]: () => this.#frames[Symbol.asyncIterator](),
    }
    if (signal.aborted) onAbort()
  }

  /** What the node calls itself: `Geth/v1.17.5-stable/linux-amd64/go1.26.8`. */
  get client(): string {
    return this.#peer?.getHelloMessage()?.clientId ?? 'unknown'
  }

  get status(): EthStatus {
    return this.#status!
  }

  get eth(): EthSession {
    return this.#eth!
  }

  /** Idempotent: the first reason counts. */
  end(reason: string): void {
    this.#why ??= reason
    this.#socket.destroy()
  }

  #shakeHands(): void {
    const { enode, key, timeoutMs } = this.#options
    const peer = new BoundedPeer({
      socket: this.#socket,
      remoteId: enode.id,
      ...key,
      clientId: new TextEncoder().encode(CLIENT_ID),
      capabilities: [
        this.#ethCapability(68),
        this.#ethCapability(69),
        subprotocol({
          name: 'snap',
          version: 1,
          length: SNAP_CODES,
          onOpen: (send) => this.#openSnap(send),
        }),
      ],
      // The library asks it for hash functions only; networks are told by the nodes.
      common: new Common({ chain: Mainnet }),
      // Nobody can dial the bridge. Zero the library would encode in a way that geth refuses.
      port: null!,
      timeout: timeoutMs,
    })
    this.#peer = peer
    peer.events.on('error', (error: Error) => this.end(error.message))
    peer.events.once('connect', () => {
      if (this.#eth === undefined) this.end('speaks neither eth/68 nor eth/69')
      else if (this.#sendSnap === undefined) this.end('does not speak snap/1')
    })
  }

  #ethCapability(version: EthVersion) {
    const { onLatest } = this.#options
    return subprotocol({
      name: 'eth',
      version,
      length: ETH_CODES[version],
      onOpen: (send) => {
        // The library takes any number of hellos, and begins anew with each.
        if (this.#eth !== undefined) throw new Error('a second hello')
        const eth = new EthSession({
          ...{ version, onLatest, onStatus: this.#onStatus },
          send: this.#bounded(send),
        })
        this.#eth = eth
        return (code, body) => eth.receive(code, body)
      },
    })
  }

  #openSnap(sendUnbounded: SendMessage): OnMessage {
    if (this.#sendSnap !== undefined) throw new Error('a second hello')
    const send = this.#bounded(sendUnbounded)
    this.#sendSnap = send
    return (code, body) => {
      const frame = framed(code, body)
      // A node that syncs itself asks every snap/1 peer. The bridge has nothing.
      const kind = SNAP_KINDS[code]?.startsWith('Get') ? SNAP_KINDS[code + 1] : undefined
      if (kind === undefined) return this.#frames.push(frame)
      const { id } = decodeMessageHead(frame)
      const fields = emptyFields(kind as SnapResponse['kind'])
      send(code + 1, encodeRlp([id, { rlp: fields }]))
    }
  }

  #bounded(send: SendMessage): SendMessage {
    return (code, body) => {
      if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.end('reads nothing')
      else send(code, body)
    }
  }

  /** Why it ended: the side that ended it, and its words. */
  #reason(): string {
    if (this.#why !== undefined) return this.#why
    const told: DISCONNECT_REASON | undefined = this.#peer?.disconnectReason
    if (told !== undefined) {
      const name = DisconnectReasonNames[told] ?? `reason ${told}`
      return `disconnected (${name.toLowerCase().replaceAll('_', ' ')})`
    }
    if (this.#peer?.getHelloMessage() == null)
      return 'refused the handshake: is the id in the enode its own?'
    return 'closed the connection'
  }
}

function framed(code: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(body.length + 1)
  frame[0] = code
  frame.set(body, 1)
  return frame
}
