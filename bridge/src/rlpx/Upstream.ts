import {
  type BlockHeader,
  compareBytes,
  type RawResponse,
  RequestTimeoutError,
  SnapClient,
  type SnapRequest,
  toHex,
  toRawResponse,
} from 'cambium/server'
import type { NodeKey } from './createNodeKey.ts'
import type { Enode } from './Enode.ts'
import { UpstreamError } from './errors.ts'
import type { EthSession } from './eth/EthSession.ts'
import type { EthStatus } from './eth/EthStatus.ts'
import { newestHeader } from './eth/newestHeader.ts'
import { RlpxConnection } from './RlpxConnection.ts'
import type { UpstreamEvent } from './UpstreamEvent.ts'

export interface UpstreamOptions {
  enode: Enode
  key: NodeKey
  /** Ends it all. */
  signal: AbortSignal
  timings: UpstreamTimings
  /** Failures in a row → ms to wait. */
  delay: (failures: number) => number
  /** Waits that long, or until the signal aborts; does not reject. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>
  /**
   * Looks whether it belongs to the network that is served. @throws {UpstreamError} when it does
   * not
   */
  accept: (status: EthStatus, genesis: BlockHeader | undefined, name: string) => void
  onEvent: (event: UpstreamEvent) => void
  /** It is connected, or not any more, or has another newest block. */
  onChange: () => void
}

export interface UpstreamTimings {
  /** From the first packet to a connection that can be used. */
  handshakeMs: number
  /** What one answer may take, with those that were asked for before. */
  requestMs: number
  /** Between two looks at the newest block. */
  pollMs: number
  /** How long one that gave a false answer is left alone. */
  exileMs: number
}

/** A connection in use. */
interface Live {
  connection: RlpxConnection
  client: SnapClient
  head: BlockHeader
}

/** After so many times of what an answer may take without any, the connection is given up. */
const MAX_SILENCE = 3

/** A connection of this length is a success, after which waits are short again. */
const STEADY_MS = 60_000

/**
 * An execution client that a bridge asks: keeps a connection to it, follows its newest block,
 * passes requests on.
 */
export class Upstream {
  /** How its address is shown. */
  readonly name: string
  readonly #options: UpstreamOptions
  #live: Live | undefined
  #inFlight = 0
  /** Since when it has not answered, though it was asked; `undefined` where it owes nothing. */
  #silentSince: number | undefined
  /** Looks at its newest block in a row that failed. */
  #blindLooks = 0
  #exiledUntil = 0
  #looking = false
  /** Whether the first try to connect is over, and how. */
  #settleFirst: (error: Error | undefined) => void = () => {}
  /**
   * Resolves when it is connected for the first time, or with the reason why the first try failed.
   */
  readonly first: Promise<Error | undefined>

  constructor(options: UpstreamOptions) {
    this.#options = options
    this.name = options.enode.name
    this.first = new Promise((resolve) => {
      this.#settleFirst = resolve
    })
  }

  /** Its newest block, and with it whether it is connected. */
  get head(): BlockHeader | undefined {
    return this.#live?.head
  }

  /** Requests that wait for its answer. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Keeps it connected, until the signal aborts. */
  async run(): Promise<void> {
    const { signal, delay, wait, onEvent } = this.#options
    let failures = 0
    while (!signal.aborted) {
      const since = performance.now()
      const error = await this.#connect()
      this.#settleFirst(error)
      if (signal.aborted) return
      failures = performance.now() - since >= STEADY_MS ? 1 : failures + 1
      const exileMs = Math.ceil(this.#exiledUntil - performance.now())
      const inMs = Math.max(delay(failures), exileMs)
      // The name is told beside it.
      const reason = error.message.replace(`upstream ${this.name}: `, '')
      onEvent({ type: 'lost', upstream: this.name, reason, inMs })
      await wait(inMs, signal)
    }
  }

  /**
   * Passes a request on.
   *
   * @throws {UpstreamError} when it is not connected
   * @throws {RequestTimeoutError | PeerClosedError | PeerProtocolError} when no answer, or none
   *   that can be read, came
   */
  async ask(request: SnapRequest): Promise<RawResponse> {
    const live = this.#live
    if (live === undefined) throw new UpstreamError(this.name, 'not connected')
    this.#inFlight++
    this.#silentSince ??= performance.now()
    const { requestMs: timeoutMs } = this.#options.timings
    try {
      const response = await live.client.forward(request, { timeoutMs })
      this.#silentSince = this.#inFlight > 1 ? performance.now() : undefined
      return toRawResponse(response)
    } catch (error) {
      const silentMs = performance.now() - (this.#silentSince ?? performance.now())
      if (error instanceof RequestTimeoutError && silentMs >= MAX_SILENCE * timeoutMs) {
        live.connection.end(`no answer for ${Math.round(silentMs / 1000)} s`)
      }
      throw error
    } finally {
      this.#inFlight--
    }
  }

  /** It gave a false answer: ends the connection, and has none for a while. */
  ban(reason: string): void {
    this.#exiledUntil = performance.now() + this.#options.timings.exileMs
    this.#live?.connection.end(reason)
  }

  /** @returns when there is no connection any more, why */
  async #connect(): Promise<Error> {
    const { enode, key, signal, timings, onEvent, onChange } = this.#options
    let live: Live | undefined
    let connection: RlpxConnection | undefined
    try {
      connection = await RlpxConnection.open({
        ...{ enode, key, signal },
        timeoutMs: timings.handshakeMs,
        onLatest: (hash) => live && void this.#look(live, hash),
      })
      // Reads from now on: what comes without having been asked for ends the connection.
      const client = new SnapClient(connection.snap)
      const head = await this.#greet(connection)
      live = { connection, head, client }
      this.#live = live
      this.#silentSince = undefined
      this.#blindLooks = 0
      onEvent({
        type: 'connected',
        upstream: this.name,
        client: connection.client,
        head: head.number,
      })
      onChange()
      this.#settleFirst(undefined)
      const poll = setInterval(() => void this.#look(live!, live!.head.number), timings.pollMs)
      const error = await connection.ended
      clearInterval(poll)
      return error
    } catch (error) {
      connection?.end((error as Error).message)
      return error as Error
    } finally {
      if (live !== undefined) {
        this.#live = undefined
        onChange()
      }
    }
  }

  /**
   * Looks at who it is, and finds its newest block. Belongs to the network only who has all that is
   * needed.
   */
  async #greet(connection: RlpxConnection): Promise<BlockHeader> {
    const { handshakeMs } = this.#options.timings
    const timer = setTimeout(
      () => connection.end(`no blocks within ${handshakeMs} ms`),
      handshakeMs,
    )
    const { status, eth } = connection
    try {
      return await this.#firstHead(status, eth)
    } finally {
      clearTimeout(timer)
    }
  }

  async #firstHead(status: EthStatus, eth: EthSession): Promise<BlockHeader> {
    const [genesis] = await eth.headers({ from: 0, most: 1 })
    if (genesis !== undefined && compareBytes(genesis.hash, status.genesisHash) !== 0) {
      const told = toHex(status.genesisHash)
      throw new UpstreamError(this.name, `tells genesis ${told}, but has ${toHex(genesis.hash)}`)
    }
    const head = await newestHeader(eth, status.latestHash)
    if (head === undefined) throw new UpstreamError(this.name, 'does not have its own newest block')
    this.#options.accept(status, genesis, this.name)
    return head
  }

  /** Looks for a newer block, or another one after a reorg. */
  async #look(live: Live, from: number | Uint8Array): Promise<void> {
    // The next look finds what this one leaves.
    if (this.#looking) return
    this.#looking = true
    try {
      const newest = await newestHeader(live.connection.eth, from)
      this.#blindLooks = 0
      if (this.#live !== live || newest === undefined) return
      if (compareBytes(newest.hash, live.head.hash) === 0) return
      live.head = newest
      this.#options.onChange()
    } catch {
      // A false answer has ended the connection; one that is late says nothing about the next look.
      if (++this.#blindLooks >= MAX_SILENCE) live.connection.end('no answer about its blocks')
    } finally {
      this.#looking = false
    }
  }
}
