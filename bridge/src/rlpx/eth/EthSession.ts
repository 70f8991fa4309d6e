import {
  type BlockHeader,
  type Clock,
  compareBytes,
  encodeRlp,
  PendingCalls,
  RlpError,
  RlpReader,
  systemClock,
  toHex,
} from 'cambium/server'
import type { SendMessage } from '../subprotocol.ts'
import type { EthStatus } from './EthStatus.ts'
import {
  decodeBlockRange,
  decodeEthStatus,
  type EthVersion,
  encodeEthStatus,
} from './ethStatusCodec.ts'
import { readBlockHeaders } from './readBlockHeaders.ts'

export interface EthSessionOptions {
  version: EthVersion
  send: SendMessage
  /** The node has told of itself, and was answered. */
  onStatus: (status: EthStatus) => void
  /** The node has told the hash of its newest block, 32 bytes. */
  onLatest: (latestHash: Uint8Array) => void
  /** How long a request for headers waits for its answer, in ms. @default 10 000 */
  timeoutMs?: number
  /** @default those of the platform */
  timers?: Clock
}

/**
 * Which headers: ascending, without gaps, from a number or from the block with a hash (32 bytes).
 */
export interface HeadersQuery {
  from: number | Uint8Array
  /** 1 to 1,024: what geth sends at most. */
  most: number
}

const CODES = { status: 0, getBlockHeaders: 3, blockHeaders: 4, blockRangeUpdate: 0x11 } as const

/**
 * Requests for what a node without blocks does not have → the code of the answer, which says so
 * with an empty list.
 */
const POLITE = new Map<number, number>([
  [CODES.getBlockHeaders, CODES.blockHeaders],
  [0x05, 0x06], // block bodies
  [0x09, 0x0a], // pooled transactions
  [0x0f, 0x10], // receipts
])

/**
 * The `eth` protocol with an execution client, as one who wants headers and has nothing to give.
 * Tells network, genesis and fork id as the other side told them: which network it is does not
 * matter to a bridge, as long as it is one.
 *
 * @see https://github.com/ethereum/devp2p/blob/master/caps/eth.md
 */
export class EthSession {
  readonly #options: EthSessionOptions
  readonly #timers: Clock
  readonly #pending = new PendingCalls<bigint, HeadersQuery, BlockHeader[]>()
  #lastId = 0n
  #greeted = false
  #ended: Error | undefined

  constructor(options: EthSessionOptions) {
    this.#options = options
    this.#timers = options.timers ?? systemClock
  }

  /**
   * Takes a message.
   * @throws {RlpError} when it is one that no honest node sends; the connection should end
   */
  receive(code: number, body: Uint8Array): void {
    if (!this.#greeted) {
      if (code !== CODES.status) throw new RlpError(`message ${code} before the status`)
      this.#greet(body)
    } else if (code === CODES.status) {
      throw new RlpError('a second status')
    } else if (code === CODES.blockHeaders) {
      this.#settle(body)
    } else if (code === CODES.blockRangeUpdate) {
      this.#options.onLatest(decodeBlockRange(new RlpReader(body).list('range')).latestHash)
    } else {
      this.#decline(code, body)
    }
  }

  /**
   * Asks for headers. What comes is fewer than asked for where the chain ends, and nothing where it
   * does not reach `from`.
   *
   * @throws {RlpError} when what came is not what was asked for
   * @throws {Error} when nothing came in time, or the session has ended
   */
  headers(query: HeadersQuery): Promise<BlockHeader[]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const { timeoutMs = 10_000, send } = this.#options
    const id = ++this.#lastId
    const { from, most } = query
    const timer = this.#timers.setTimeout(() => {
      this.#pending.reject(id, new Error(`no headers within ${timeoutMs} ms`))
    }, timeoutMs)
    const headers = this.#pending.add(id, query, () => this.#timers.clearTimeout(timer))
    const origin = typeof from === 'number' ? BigInt(from) : from
    try {
      send(CODES.getBlockHeaders, encodeRlp([id, [origin, BigInt(most), 0n, 0n]]))
    } catch (error) {
      this.#pending.reject(id, error)
    }
    return headers
  }

  /** The connection has ended: nothing more is answered. */
  end(reason: Error): void {
    this.#ended ??= reason
    this.#pending.rejectAll(reason)
  }

  #greet(body: Uint8Array): void {
    const { version, send, onStatus } = this.#options
    const status = decodeEthStatus(version, body)
    this.#greeted = true
    send(CODES.status, encodeEthStatus(version, status))
    onStatus(status)
  }

  #decline(code: number, body: Uint8Array): void {
    const answer = POLITE.get(code)
    if (answer === undefined) return
    const id = new RlpReader(body).list('request').uint64('id')
    this.#options.send(answer, encodeRlp([id, []]))
  }

  #settle(body: Uint8Array): void {
    const fields = new RlpReader(body).list('headers')
    // One that nobody waits for any more has come too late.
    const id = fields.uint64('id')
    const query = this.#pending.question(id)
    if (query === undefined) return
    try {
      const headers = readBlockHeaders(fields.list('headers'), query.most)
      checkFirst(headers[0], query)
      this.#pending.resolve(id, headers)
    } catch (error) {
      this.#pending.reject(id, error)
      throw error
    }
  }
}

function checkFirst(first: BlockHeader | undefined, { from }: HeadersQuery): void {
  if (first === undefined) return
  if (typeof from === 'number' ? first.number === from : compareBytes(first.hash, from) === 0)
    return
  const wanted = typeof from === 'number' ? from : toHex(from)
  throw new RlpError(`header ${first.number}, ${toHex(first.hash)}, instead of ${wanted}`)
}
