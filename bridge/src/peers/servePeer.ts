import type { Connection, Stream } from '@libp2p/interface'
import {
  isEmptyResponse,
  type RawResponse,
  SlowPeerError,
  type SnapRequest,
  SnapRequestError,
  serveSnap,
  streamPipe,
  transportOf,
} from 'cambium/server'
import type { AnswerBudget, Claim } from '../answers/AnswerBudget.ts'
import type { BridgeEvent } from '../BridgeEvent.ts'
import type { BridgeLogger } from '../BridgeLogger.ts'
import type { FairQueue } from '../limits/FairQueue.ts'
import type { BridgeMetrics, RequestOutcome } from '../metrics/BridgeMetrics.ts'

/** What all peers of a bridge share. */
export interface PeerService {
  answer: (request: SnapRequest) => Promise<RawResponse>
  /** Told of each request as it is answered: bounded in its bytes. */
  onRequest: (peer: string, request: SnapRequest) => void
  /** Whose request is next. */
  turns: FairQueue
  /** Memory for answers that have not left. */
  budget: AnswerBudget
  /** Under which name a connection shares with others. */
  whose: (connection: Connection) => string
  metrics: BridgeMetrics
  logger: BridgeLogger
  onEvent: (event: BridgeEvent) => void
  /** Told of each request. */
  onActive: (connection: Connection) => void
  /** Told once of what a peer did wrong, or what broke its stream. */
  onFault: (connection: Connection, error: unknown) => void
  /** When it aborts, what is being answered is still answered, and nothing else. */
  stopping: AbortSignal
}

/** The longest sensible request, 1,024 paths with their account hashes, has some 70 KB. */
const MAX_REQUEST_BYTES = 128 * 1024

/**
 * Bytes of requests that may wait on a stream while one is answered: a page has nine at most, of
 * less than 18 KB but for one.
 */
const MAX_WAITING_BYTES = 2 * MAX_REQUEST_BYTES

/**
 * How many of them: of one byte each, a quarter of a million would fit into the bytes, and take a
 * hundred megabytes.
 */
const MAX_WAITING = 64

/** A request that was begun must be whole by then: at 5 KB/s, the longest one is. */
const REQUEST_TIMEOUT_MS = 30_000

/** The size that an answer aims at, at most: the most that pages ask for. */
const ANSWER_BYTES = 512 * 1024

/**
 * What an answer may have beyond that: a tenth for a contract's last slots, a proof of at most 68
 * KB, an item more, and headers.
 */
const ANSWER_MARGIN_BYTES = 256 * 1024

/** What the largest answer takes. */
export const LARGEST_ANSWER_BYTES = ANSWER_BYTES + ANSWER_MARGIN_BYTES

/**
 * Serves one stream of snap/1 until it ends. One request at a time: the next is looked at when the
 * answer to the one before has left. Each waits for its turn among all peers, then for memory.
 *
 * @returns resolves when the stream has ended and nothing is worked on for it; never rejects
 */
export async function servePeer(
  stream: Stream,
  connection: Connection,
  service: PeerService,
): Promise<void> {
  const { turns, budget, metrics, logger, onEvent } = service
  const peer = connection.remotePeer.toString()
  const transport = transportOf(connection.remoteAddr) ?? 'libp2p'
  const who = service.whose(connection)
  const ended = new AbortController()
  const pipe = streamPipe(stream, {
    ...{ peer, transport },
    maxFrameBytes: MAX_REQUEST_BYTES,
    maxUnreadBytes: MAX_WAITING_BYTES,
    maxUnreadFrames: MAX_WAITING,
    frameTimeoutMs: REQUEST_TIMEOUT_MS,
    onClose: () => ended.abort(),
  })
  onEvent({ type: 'joined', peer, transport })
  logger.debug({ peer, transport, address: connection.remoteAddr.toString() }, 'peer joined')

  let fault: unknown
  function onFault(error: unknown): void {
    // What follows from it is no news.
    if (fault !== undefined) return
    fault = error
    service.onFault(connection, error)
  }

  /** The request that is worked on. */
  let outcome: RequestOutcome = 'abandoned'
  let bytes = 0
  let ms = 0
  let tell = () => {}

  /** Waits for a turn and for memory. Resolves to `undefined` if the peer disconnects first. */
  async function reserve(request: SnapRequest): Promise<(() => void) | undefined> {
    const since = performance.now()
    const { signal } = ended
    if (signal.aborted) return undefined
    service.onActive(connection)
    ;[outcome, bytes, ms] = ['abandoned', 0, 0]
    const expected = Math.min(request.bytes, ANSWER_BYTES)
    const done = await turns.take({ who, bytes: expected, signal })
    const claim: Claim = {
      bytes: expected + ANSWER_MARGIN_BYTES,
      signal,
      onEvict() {
        const error = new SlowPeerError(peer, 'held an answer while others waited')
        onFault(error)
        pipe.close(error)
      },
    }
    const release = await budget.take(claim)
    tell = () => {
      done({ bytes, ms })
      budget.shrink(claim, bytes)
    }
    const end = () => {
      // Where there is no answer, the turn ends here.
      done({ bytes: 0, ms })
      release()
      if (signal.aborted && outcome !== 'refused' && outcome !== 'failed') outcome = 'abandoned'
      const seconds = (performance.now() - since) / 1000
      metrics.requestEnded(request.kind, { outcome, bytes, seconds })
      logger.trace({ peer, kind: request.kind, outcome, bytes, seconds }, 'request ended')
    }
    if (!signal.aborted) return end
    end()
    return undefined
  }

  async function handler(request: SnapRequest): Promise<RawResponse> {
    const since = performance.now()
    try {
      const bounded = { ...request, bytes: Math.min(request.bytes, ANSWER_BYTES) }
      service.onRequest(peer, bounded)
      const answering = service.answer(bounded)
      // What is done before it waits for anything is done by this thread.
      ms = performance.now() - since
      const response = await answering
      outcome = isEmptyResponse(response) ? 'empty' : 'answered'
      return response
    } catch (error) {
      outcome = error instanceof SnapRequestError ? 'refused' : 'failed'
      throw error
    }
  }

  function onAnswer(_: SnapRequest, size: number): void {
    bytes = size
    tell()
  }

  const { stopping } = service
  await serveSnap(pipe, handler, { concurrency: 1, reserve, onAnswer, onFault, signal: stopping })
  // What has been sent arrives only where the end is waited for.
  if (stopping.aborted) await closed(stream)
  const reason = fault === undefined ? undefined : describe(fault)
  onEvent({ type: 'left', peer, transport, ...(reason !== undefined && { reason }) })
  logger.debug({ peer, transport, reason }, 'peer left')
}

function closed(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.status === 'closed' || stream.status === 'aborted' || stream.status === 'reset') {
      return resolve()
    }
    stream.addEventListener('close', () => resolve())
  })
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
