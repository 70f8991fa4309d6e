import { CambiumError } from '../bytes/CambiumError.ts'
import { FalseAnswerError } from '../snap/FalseAnswerError.ts'
import { RequestTimeoutError } from '../snap/RequestTimeoutError.ts'
import type { SnapResponse } from '../snap/SnapMessage.ts'
import { StoreError } from '../store/errors/StoreError.ts'
import type { StateStore, StoreBatch } from '../store/StateStore.ts'
import { EventQueue } from './EventQueue.ts'
import type { Peer } from './Peer.ts'
import type { PeerPool } from './PeerPool.ts'
import { answerAmount } from './rate/answerAmount.ts'
import { StateUnavailableError } from './StateUnavailableError.ts'
import { SyncCancelledError } from './SyncCancelledError.ts'
import type { AnyWork } from './Work.ts'
import { Writer } from './Writer.ts'

/** What is to be done until everything of a phase is stored. */
export interface SyncPhase {
  readonly works: readonly AnyWork[]
  /** Whether nothing is left to be fetched, and nothing in flight. */
  readonly done: boolean
  /** Whether something can be done without peers. */
  readonly hasLocal: boolean
  /** Does a piece of it, and returns what must be written; called when all that came before is in the store. */
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
  /** Bytes that came in a frame. */
  onReceived: (bytes: number) => void
  /** Something changed; `written` where it is in the store. */
  onStep: (written: boolean) => void | Promise<void>
}

type SyncEvent =
  /** A peer has joined, left or rested, or there was nothing to write. */
  | { type: 'changed' }
  | { type: 'answer'; peer: Peer; work: AnyWork; request: unknown; answer: SnapResponse }
  | { type: 'failure'; peer: Peer; work: AnyWork; request: unknown; error: unknown }
  | { type: 'written' }
  | { type: 'fatal'; error: unknown }

/** Answers that may wait for the disk before no more are asked for: about 4 MiB. */
const MAX_BACKLOG = 8

/**
 * One loop owns everything that changes (what geth's `Sync` does with channels and a lock): answers, failures, changes of
 * the pool and finished writes are events in its queue, taken one at a time. The queue belongs to one run, so that nothing of an earlier one is ever applied.
 */
export class RunLoop {
  readonly #options: RunLoopOptions
  readonly #queue = new EventQueue<SyncEvent>()
  readonly #writer: Writer

  constructor(options: RunLoopOptions) {
    this.#options = options
    this.#writer = new Writer(
      options.store,
      () => this.#queue.push({ type: 'written' }),
      (error) => this.#queue.push({ type: 'fatal', error }),
    )
  }

  /**
   * Runs a phase to its end.
   *
   * On the way out, whichever it is: no more is asked for, what is in flight is given up, and what was accepted is written.
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
        if (event.type === 'answer') await this.#accept(event)
        if (event.type === 'failure') this.#fail(event)
        await onStep(event.type === 'written')
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      unsubscribe()
      pool.giveUp()
      const rest = phase.rest()
      if (rest !== undefined) this.#writer.write(rest)
      await this.#writer.flush()
    }
  }

  /** Begins what can be begun: work without peers where the disk is idle, requests while it keeps up. */
  async #begin(phase: SyncPhase): Promise<void> {
    if (phase.hasLocal && this.#writer.backlog === 0) {
      this.#write(await phase.local())
    }
    if (this.#writer.backlog < MAX_BACKLOG) this.#assign(phase.works)
  }

  #assign(works: readonly AnyWork[]): void {
    for (const work of works) {
      for (const peer of this.#options.pool.idle(work.kind)) {
        const lane = peer.lanes[work.kind]
        const request = work.assign(lane.capacity)
        if (request === undefined) break
        const answer = work.send(peer.client, request, { timeoutMs: lane.timeoutMs })
        lane.take(answer)
        answer.then(
          (answer) => this.#queue.push({ type: 'answer', peer, work, request, answer }),
          (error) => this.#queue.push({ type: 'failure', peer, work, request, error }),
        )
      }
    }
  }

  /** Batches with nothing in them, as of nodes that are not worth a transaction yet, cost none. */
  #write(batch: StoreBatch): void {
    if (Object.keys(batch).length > 0) this.#writer.write(batch)
    else this.#queue.push({ type: 'changed' })
  }

  async #accept({
    peer,
    work,
    request,
    answer,
  }: Extract<SyncEvent, { type: 'answer' }>): Promise<void> {
    const { pool, onBatch } = this.#options
    const lane = peer.lanes[work.kind]
    try {
      const batch = await work.accept(request, answer)
      if (batch !== undefined) {
        lane.served(answerAmount(answer))
        onBatch(batch)
        this.#write(batch)
      } else if (lane.empty()) {
        pool.blame(peer, new StateUnavailableError(peer.client.peer, work.kind))
      }
    } catch (error) {
      if (!(error instanceof CambiumError) || error instanceof StoreError) throw error
      work.revert(request)
      pool.blame(peer, error)
      pool.dismiss(peer, new FalseAnswerError(answer.id, error))
    }
  }

  #fail({ peer, work, request, error }: Extract<SyncEvent, { type: 'failure' }>): void {
    work.revert(request)
    const lane = peer.lanes[work.kind]
    if (!(error instanceof CambiumError)) throw error
    if (error instanceof RequestTimeoutError) lane.timedOut(error.answered)
    else lane.failed()
    // A lost connection is told by who made it; a broken protocol once, however many requests it ended, when the peer leaves.
    if (error.code !== 'PEER_CLOSED' && error.code !== 'PEER_PROTOCOL') {
      this.#options.pool.blame(peer, error)
    }
  }
}
