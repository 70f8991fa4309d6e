import { AsyncQueue } from '../../base/AsyncQueue.ts'
import { CambiumError } from '../../base/CambiumError.ts'
import { FalseAnswerError } from '../../pipes/errors.ts'
import { PeerProtocolError, RequestTimeoutError } from '../../snap/errors.ts'
import { StoreError } from '../../store/errors.ts'
import type { StateStore, StoreBatch } from '../../store/StateStore.ts'
import type { StoreTotals } from '../../store/StateView.ts'
import { StateUnavailableError } from '../peers/errors.ts'
import type { Peer } from '../peers/Peer.ts'
import type { PeerPool, PoolWait } from '../peers/PeerPool.ts'
import type { RequestTracker } from '../peers/RequestTracker.ts'
import { answerAmount } from './answerAmount.ts'
import { type ComeAnswer, EarlyVerification } from './EarlyVerification.ts'
import { SyncCancelledError } from './errors.ts'
import type { AnyAnswer, AnyWork } from './Work.ts'
import { Writer } from './Writer.ts'

/** What is to be done until everything of a phase is stored. */
export interface SyncPhase {
  readonly works: readonly AnyWork[]
  /** Whether nothing is left to be fetched, and nothing in flight. */
  readonly done: boolean
  /** Whether something can be done without peers. */
  readonly hasLocal: boolean
  /**
   * Does a piece of it, and returns what must be written; called when all that came before is in
   * the store.
   */
  local(): Promise<StoreBatch>
  /** What was accepted and is not written yet, when the phase ends early. */
  rest(): StoreBatch | undefined
}

export interface RunLoopOptions {
  store: StateStore
  pool: PeerPool
  signal: AbortSignal
  /** What an answer brought, before it is written. */
  onBatch: (batch: StoreBatch) => void
  /** Journal records that go into the transaction of each batch. */
  records: () => Iterable<[name: string, record: Uint8Array]>
  /** Bytes that came in a frame. */
  onReceived: (bytes: number) => void
  /** Something changed; given what is stored now, where that has changed. */
  onStep: (stored: StoreTotals | undefined) => void
}

/** A request, and where it was made. */
interface Asked {
  peer: Peer
  tracker: RequestTracker
  work: AnyWork
  request: unknown
}

type AnswerEvent = Asked & { type: 'answer' } & ComeAnswer

type SyncEvent =
  /** A peer has joined, left or rested, or there was nothing to write. */
  | { type: 'changed' }
  | AnswerEvent
  | (Asked & { type: 'failure'; error: unknown })
  | { type: 'written'; totals: StoreTotals }
  | { type: 'fatal'; error: unknown }

/** Answers that may wait for the disk before no more are asked for: about 4 MiB. */
const MAX_BACKLOG = 8

/**
 * One loop owns everything that changes (what geth's `Sync` does with channels and a lock):
 * answers, failures, changes of the pool and finished writes are events in its queue, taken one at
 * a time. The queue belongs to one run, so that nothing of an earlier one is ever applied.
 */
export class RunLoop {
  readonly #options: RunLoopOptions
  readonly #queue = new AsyncQueue<SyncEvent>()
  readonly #writer: Writer
  readonly #ahead = new EarlyVerification<AnswerEvent>(
    (answer) => this.#queue.push(answer),
    (error) => this.#queue.push({ type: 'fatal', error }),
  )
  #ended = false

  constructor(options: RunLoopOptions) {
    this.#options = options
    this.#writer = new Writer(
      options.store,
      (totals) => this.#queue.push({ type: 'written', totals }),
      (error) => this.#queue.push({ type: 'fatal', error }),
    )
  }

  /**
   * Runs a phase to its end.
   *
   * On the way out, whichever it is: no more is asked for, what is in flight is given up, and what
   * was accepted is written.
   *
   * @throws {SyncCancelledError} when the signal aborts
   * @throws {StoreError} when the store fails
   */
  async run(phase: SyncPhase): Promise<void> {
    const { pool, signal, onReceived, onStep } = this.#options
    const unsubscribe = pool.subscribe({
      changed: () => this.#queue.push({ type: 'changed' }),
      received: onReceived,
    })
    const onAbort = () => this.#queue.push({ type: 'fatal', error: new SyncCancelledError() })
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    try {
      while (!(phase.done && !phase.hasLocal && this.#writer.backlog === 0)) {
        if (!signal.aborted) await this.#begin(phase)
        const event = await this.#queue.next()
        if (event.type === 'fatal') throw event.error
        if (event.type === 'answer') {
          if (this.#ahead.busy) await this.#ahead.turn()
          if (this.#ahead.take(event)) await this.#accept(event)
        }
        if (event.type === 'failure') this.#fail(event)
        onStep(event.type === 'written' ? event.totals : undefined)
      }
    } finally {
      this.#ended = true
      this.#ahead.stop()
      signal.removeEventListener('abort', onAbort)
      unsubscribe()
      pool.giveUp()
      const rest = phase.rest()
      if (rest !== undefined) this.#write(rest)
      await this.#writer.flush()
    }
  }

  /** What the loop waits for: the disk, as long as it has something to write, or else the peers. */
  waitsFor(): PoolWait | { reason: 'disk' } | undefined {
    return this.#writer.backlog > 0 ? { reason: 'disk' } : this.#options.pool.waitsFor()
  }

  /**
   * Begins what can be begun: work without peers where the disk is idle, requests while it keeps
   * up.
   */
  async #begin(phase: SyncPhase): Promise<void> {
    if (phase.hasLocal && this.#writer.backlog === 0) {
      this.#write(await phase.local())
    }
    if (this.#writer.backlog < MAX_BACKLOG) this.#assign(phase.works)
  }

  /**
   * One request to each peer that can be asked, again and again until there is no work, or nobody
   * to ask.
   */
  #assign(works: readonly AnyWork[]): void {
    for (const work of works) {
      let peers: Peer[]
      do peers = this.#options.pool.idle(work.kind)
      while (peers.length > 0 && peers.every((peer) => this.#ask(peer, work)))
    }
  }

  /** @returns whether there was work */
  #ask(peer: Peer, work: AnyWork): boolean {
    const tracker = peer.windows[work.kind].next!
    const request = work.assign(tracker.capacity)
    if (request === undefined) return false
    const answer = work.send(peer.client, request, { timeoutMs: tracker.timeoutMs })
    tracker.take(answer)
    const asked = { peer, tracker, work, request }
    answer
      .then(
        (answer) => this.#arrived(asked, answer),
        (error) => this.#queue.push({ type: 'failure', ...asked, error }),
      )
      .catch((error) => this.#queue.push({ type: 'fatal', error }))
    return true
  }

  #arrived(asked: Asked, answer: AnyAnswer): void {
    // Nobody waits for it any more.
    if (this.#ended) return
    const event: AnswerEvent = { type: 'answer', ...asked, answer, verified: undefined }
    this.#queue.push(event)
    this.#ahead.add(event)
  }

  /** Batches with nothing in them, as of nodes that are not worth a transaction yet, cost none. */
  #write(batch: StoreBatch): void {
    if (Object.keys(batch).length === 0) {
      this.#queue.push({ type: 'changed' })
      return
    }
    const journal = new Map([...(batch.journal ?? []), ...this.#options.records()])
    this.#writer.write({ ...batch, journal })
  }

  async #accept(event: AnswerEvent): Promise<void> {
    const { peer, tracker, work, request, answer, verified } = event
    const { pool, onBatch } = this.#options
    const window = peer.windows[work.kind]
    try {
      const batch = await work.accept(request, answer, verified)
      if (batch !== undefined) {
        window.served(tracker, answerAmount(answer))
        onBatch(batch)
        this.#write(batch)
      } else if (window.empty(tracker)) {
        pool.blame(peer, new StateUnavailableError(peer.client.peer, work.kind))
      }
    } catch (error) {
      if (!(error instanceof CambiumError) || error instanceof StoreError) throw error
      work.revert(request)
      // It was found out already, by another of the answers that had come.
      if (!pool.has(peer)) return
      pool.blame(peer, error)
      // One that cannot be read is no false answer, which a bridge would look for in what it
      // relays.
      const isBroken = error instanceof PeerProtocolError
      pool.dismiss(peer, isBroken ? error : new FalseAnswerError(answer.id, error))
    }
  }

  #fail({ peer, tracker, work, request, error }: Extract<SyncEvent, { type: 'failure' }>): void {
    work.revert(request)
    const window = peer.windows[work.kind]
    if (!(error instanceof CambiumError)) throw error
    if (error instanceof RequestTimeoutError) window.timedOut(tracker, error.answered)
    else tracker.failed()
    // The peer source tells of a lost connection. A broken protocol is told once, when the peer
    // leaves.
    if (error.code !== 'PEER_CLOSED' && error.code !== 'PEER_PROTOCOL') {
      this.#options.pool.blame(peer, error)
    }
  }
}
