import { type Clock, systemClock } from '../base/Clock.ts'
import { LruMap } from '../base/LruMap.ts'
import { PendingCalls } from '../base/PendingCalls.ts'
import { keysAscend } from '../leaves/Leaves.ts'
import { PeerClosedError } from '../pipes/errors.ts'
import type { FramePipe } from '../pipes/FramePipe.ts'
import { RlpError } from '../rlp/errors.ts'
import type { AnswerFrame } from './AnswerFrame.ts'
import { answerKind } from './answerKind.ts'
import { type AnswerLimits, answerLimits, exceededLimit } from './answerLimits.ts'
import { decodeMessage, decodeMessageHead } from './decodeMessage.ts'
import { encodeMessage } from './encodeMessage.ts'
import {
  PeerProtocolError,
  type PeerProtocolFault,
  RequestTimeoutError,
  SnapCodecError,
} from './errors.ts'
import {
  type AccountRange,
  type ByteCodes,
  type GetAccountRange,
  type GetByteCodes,
  type GetStorageRanges,
  type GetTrieNodes,
  MAX_FRAME_BYTES,
  type SnapKind,
  type SnapRequest,
  type SnapResponse,
  type StorageRanges,
  type TrieNodes,
} from './SnapMessage.ts'

export interface SnapClientOptions {
  /**
   * How long a request waits for its answer, in milliseconds, where it does not say so itself.
   * @default 60_000, where go-ethereum's limit stands too
   */
  timeoutMs?: number
  /** @default those of the platform */
  timers?: Clock
}

export interface RequestOptions {
  /** Gives the request up; it rejects with the signal's reason, and its answer is ignored. */
  signal?: AbortSignal
  /** How long this request waits for its answer, in milliseconds. @default the client's */
  timeoutMs?: number
}

/** A request without what the client adds to it. */
type Question<R extends SnapRequest> = Omit<R, 'kind' | 'id'>

/** A request that waits for its answer. */
interface Asked {
  answerKind: SnapKind
  limits: AnswerLimits
  /** Makes what the request resolves with; if it throws, the peer broke the protocol. */
  read: (answer: AnswerFrame) => unknown
}

/**
 * Requests that were given up and may still be answered. A peer that owes more answers than this
 * has long been too slow to keep; answers to the oldest of them then count as unknown.
 */
const MAX_EXPIRED = 1024

const NO_BYTES = /* @__PURE__ */ new Uint8Array()

/**
 * Asks one peer, any number of requests at a time. Checks of an answer what can be checked without
 * hashing: kind, size, shape, order of keys. Nothing is proven.
 *
 * Every request rejects with
 * - `RequestTimeoutError` when no answer came in time; the client stays usable, and a late answer
 *   is ignored;
 * - `PeerProtocolError` when the peer broke the protocol, with this or any other answer: the pipe
 *   is closed;
 * - `PeerClosedError` when the pipe ended or ends before the answer;
 * - `SnapCodecError` when the request cannot be encoded;
 * - the signal's reason when it was aborted.
 *
 * @example
 * const client = new SnapClient(pipe)
 * const { accounts, proof } = await client.getAccountRange({ root, origin, limit, bytes: 512 * 1024 })
 */
export class SnapClient {
  readonly peer: string
  readonly transport: string
  /**
   * Resolves when the pipe has ended, with the error that ended it, or `undefined` where one of the
   * sides just closed it; never rejects.
   */
  readonly closed: Promise<Error | undefined>
  readonly #pipe: FramePipe
  readonly #timeoutMs: number
  readonly #timers: Clock
  readonly #pending = new PendingCalls<bigint, Asked, unknown>()
  /** In order of age; what is to be called when the answer comes. */
  readonly #expired = new LruMap<bigint, () => void>(MAX_EXPIRED)
  /** What requests reject with from the end on. */
  #end: PeerProtocolError | PeerClosedError | undefined

  /** Takes the pipe over and begins to read it. */
  constructor(
    pipe: FramePipe,
    { timeoutMs = 60_000, timers = systemClock }: SnapClientOptions = {},
  ) {
    this.#pipe = pipe
    this.#timeoutMs = timeoutMs
    this.#timers = timers
    this.peer = pipe.peer
    this.transport = pipe.transport
    this.closed = this.#read()
  }

  getAccountRange(
    question: Question<GetAccountRange>,
    options?: RequestOptions,
  ): Promise<AccountRange> {
    return this.#ask({ ...question, kind: 'GetAccountRange', id: this.#newId() }, options)
  }

  /** `origin` and `limit` hold for the first account; left out, they are the whole storage. */
  getStorageRanges(
    question: Omit<Question<GetStorageRanges>, 'origin' | 'limit'> &
      Partial<Pick<GetStorageRanges, 'origin' | 'limit'>>,
    options?: RequestOptions,
  ): Promise<StorageRanges> {
    const { origin = NO_BYTES, limit = NO_BYTES } = question
    const id = this.#newId()
    return this.#ask({ ...question, kind: 'GetStorageRanges', id, origin, limit }, options)
  }

  /**
   * As `getAccountRange`, but the caller decodes the answer. The client checks its kind and its
   * size; the caller blames the peer for all that `decode` finds.
   */
  askAccountRange(
    question: Question<GetAccountRange>,
    options?: RequestOptions,
  ): Promise<AnswerFrame<AccountRange>> {
    return this.#askFrame({ ...question, kind: 'GetAccountRange', id: this.#newId() }, options)
  }

  /** As `getStorageRanges`, in the same way. */
  askStorageRanges(
    question: Parameters<SnapClient['getStorageRanges']>[0],
    options?: RequestOptions,
  ): Promise<AnswerFrame<StorageRanges>> {
    const { origin = NO_BYTES, limit = NO_BYTES } = question
    const id = this.#newId()
    return this.#askFrame({ ...question, kind: 'GetStorageRanges', id, origin, limit }, options)
  }

  getByteCodes(question: Question<GetByteCodes>, options?: RequestOptions): Promise<ByteCodes> {
    return this.#ask({ ...question, kind: 'GetByteCodes', id: this.#newId() }, options)
  }

  getTrieNodes(question: Question<GetTrieNodes>, options?: RequestOptions): Promise<TrieNodes> {
    return this.#ask({ ...question, kind: 'GetTrieNodes', id: this.#newId() }, options)
  }

  /** Asks what somebody else asked, under an id of its own. */
  forward(request: SnapRequest, options?: RequestOptions): Promise<SnapResponse> {
    return this.#ask({ ...request, id: this.#newId() }, options)
  }

  /** Closes the pipe; what is pending rejects with `PeerClosedError`. Idempotent. */
  close(reason?: Error): void {
    this.#pipe.close(reason)
    this.#finish(reason)
  }

  #ask<R extends SnapResponse>(request: SnapRequest, options?: RequestOptions): Promise<R> {
    return this.#send(request, options, (answer) => answer.decode() as R)
  }

  #askFrame<R extends SnapResponse>(
    request: SnapRequest,
    options?: RequestOptions,
  ): Promise<AnswerFrame<R>> {
    return this.#send(request, options, (answer) => answer as AnswerFrame<R>)
  }

  /** @param read what the request resolves with; where it throws, the peer broke the protocol */
  async #send<R>(
    request: SnapRequest,
    { signal, timeoutMs = this.#timeoutMs }: RequestOptions = {},
    read: (answer: AnswerFrame) => R,
  ): Promise<R> {
    if (this.#end !== undefined) throw this.#end
    signal?.throwIfAborted()
    const frame = encodeMessage(request)
    const { id, kind } = request

    const giveUp = (reason: unknown, onAnswer = () => {}) => {
      this.#expired.set(id, onAnswer)
      this.#pending.reject(id, reason)
    }
    const onAbort = () => giveUp(signal?.reason)
    const timer = this.#timers.setTimeout(() => {
      let onAnswer = () => {}
      const answered = new Promise<void>((resolve) => {
        onAnswer = resolve
      })
      giveUp(new RequestTimeoutError(this.peer, kind, timeoutMs, answered), onAnswer)
    }, timeoutMs)
    signal?.addEventListener('abort', onAbort)
    const asked = { answerKind: answerKind(kind), limits: answerLimits(request), read }
    const answer = this.#pending.add(id, asked, () => {
      this.#timers.clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    })
    try {
      this.#pipe.send(frame)
    } catch (error) {
      this.#pending.reject(id, error)
    }
    return answer as Promise<R>
  }

  /**
   * Random, so that no peer can answer ahead of the question; 63 bits, as some servers read signed
   * integers.
   */
  #newId(): bigint {
    for (;;) {
      const id = crypto.getRandomValues(new BigUint64Array(1))[0]! >> 1n
      if (id !== 0n && !this.#pending.has(id) && !this.#expired.has(id)) return id
    }
  }

  async #read(): Promise<Error | undefined> {
    let error: Error | undefined
    try {
      for await (const frame of this.#pipe) {
        if (this.#end !== undefined) break
        this.#receive(frame)
      }
    } catch (cause) {
      error = cause instanceof Error ? cause : new Error(String(cause))
      this.#pipe.close(error)
    }
    this.#finish(error)
    return error
  }

  #finish(error: Error | undefined): void {
    this.#end ??=
      error instanceof PeerProtocolError
        ? error
        : new PeerClosedError(this.peer, error?.message ?? 'the pipe ended', { cause: error })
    this.#pending.rejectAll(this.#end)
    this.#expired.clear()
  }

  /** @throws {PeerProtocolError} when the frame is not an answer to a request that was made */
  #receive(frame: Uint8Array): void {
    if (frame.length > MAX_FRAME_BYTES) {
      throw this.#fault(
        'oversized frame',
        `${frame.length} bytes, at most ${MAX_FRAME_BYTES} are allowed`,
      )
    }
    try {
      const { kind, id, fields } = decodeMessageHead(frame)
      const fieldsAt = fields.position
      if (kind.startsWith('Get'))
        throw this.#fault('unexpected message', `${kind} sent to a client`)
      const onAnswer = this.#expired.get(id)
      if (onAnswer !== undefined) {
        this.#expired.delete(id)
        onAnswer()
        return
      }
      const asked = this.#pending.question(id)
      if (asked === undefined) throw this.#fault('unknown request id', `${id} in ${kind}`)
      const { answerKind, limits, read } = asked
      if (kind !== answerKind)
        throw this.#fault('wrong kind of answer', `${kind} instead of ${answerKind}`)
      const excess = exceededLimit(fields, limits)
      if (excess !== undefined) throw this.#fault('oversized answer', `${kind} with ${excess}`)
      const decode = () => this.#decode(frame, id)
      // Its kind was compared with `answerKind`.
      this.#pending.resolve(id, read({ kind, id, frame, fieldsAt, decode } as AnswerFrame))
    } catch (error) {
      throw this.#malformed(error)
    }
  }

  /** @throws {PeerProtocolError} */
  #decode(frame: Uint8Array, id: bigint): SnapResponse {
    let response: SnapResponse
    try {
      response = decodeMessage(frame) as SnapResponse
    } catch (error) {
      throw this.#malformed(error)
    }
    if (!ordered(response)) throw this.#fault('unordered keys', `${response.kind} ${id}`)
    return response
  }

  /** What is told of a frame that cannot be decoded; other errors stay. */
  #malformed(error: unknown): unknown {
    if (!(error instanceof SnapCodecError || error instanceof RlpError)) return error
    return this.#fault('malformed message', error.message, error)
  }

  #fault(fault: PeerProtocolFault, detail: string, cause?: Error): PeerProtocolError {
    return new PeerProtocolError(this.peer, fault, detail, { cause })
  }
}

function ordered(response: SnapResponse): boolean {
  if (response.kind === 'AccountRange') return keysAscend(response.accounts)
  return response.kind !== 'StorageRanges' || response.slots.every(keysAscend)
}
