import { AsyncQueue } from '../../base/AsyncQueue.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import type { CambiumError } from '../../base/CambiumError.ts'
import type { Header } from '../../chain/Header.ts'
import { sameHeader } from '../../chain/sameHeader.ts'
import { SyncCancelledError } from '../loop/errors.ts'
import { HeaderStreamError } from './errors.ts'
import { HeaderWindow } from './HeaderWindow.ts'
import { readHeaders } from './readHeaders.ts'
import type { StateFetcher } from './StateFetcher.ts'
import type { StateSync } from './StateSync.ts'

export interface ContentLoopOptions {
  fetcher: Pick<StateFetcher, 'syncState'>
  /**
   * Blocks between the head and the pivot: deep enough that few reorgs reach it, and half of the
   * 128 states that peers serve. @default 64
   */
  pivotDistance?: number
  /**
   * Blocks that the head may be past the pivot before its state is complete; must be more than
   * `pivotDistance`. Peers stop to serve a state at 128. @default 120
   */
  maxPivotAge?: number
  /**
   * Whether the running sync needs no peers any more: then it is not too old to be completed,
   * however far the head is.
   */
  isVerifying?: () => boolean
  /** Headers that the stream told of before, in its order. */
  known?: readonly Header[]
  /**
   * The root of the state that the store holds complete: its header is a pivot as soon as the
   * stream tells of it.
   */
  completedRoot?: Uint8Array | undefined
  /** The head is another one. */
  onHead?: (head: Header) => void
  /** The pivot is another one: the first, or where it moved. */
  onPivot?: (pivot: Header) => void
  /** The state of this pivot is complete. */
  onCommit: (pivot: Header) => void
}

type LoopEvent =
  | { type: 'header'; header: Header }
  | { type: 'end' }
  | { type: 'broken'; error: CambiumError }
  | { type: 'abort' }
  | { type: 'done'; sync: StateSync }

/**
 * Follows a stream of trusted headers with the state (geth's `processSnapSyncContent`).
 *
 * The pivot is the newest known header at least `pivotDistance` below the head, or the oldest known
 * where none is that far below: of a stream that has just begun, of a chain shorter than that. It
 * is committed once its state is complete, and the next one is healed from there. While its state
 * is incomplete it stays, unless the head is more than `maxPivotAge` past it or a reorg removes it.
 * Then the sync is cancelled and saved, and resumes with the root of the new pivot.
 *
 * Made for one run.
 *
 * @example
 * ```ts
 * const fetcher = new StateFetcher(syncer)
 * const loop = new PivotLoop({ fetcher, onCommit: ({ number }) => console.log(`block ${number} is complete`) })
 * await loop.run(headers, signal)
 * ```
 */
export class PivotLoop {
  readonly #options: ContentLoopOptions
  readonly #pivotDistance: number
  readonly #maxPivotAge: number
  readonly #window: HeaderWindow
  readonly #events = new AsyncQueue<LoopEvent>()
  #ended = false
  /** What is being synced. */
  #current: { pivot: Header; sync: StateSync } | undefined
  #committed: Header | undefined

  constructor(options: ContentLoopOptions) {
    this.#options = options
    this.#pivotDistance = options.pivotDistance ?? 64
    this.#maxPivotAge = options.maxPivotAge ?? 120
    // Deep enough that a pivot is still known when it is stale, and that its successor is after a
    // reorg as deep as that.
    this.#window = new HeaderWindow(this.#maxPivotAge + this.#pivotDistance)
    for (const header of options.known ?? []) this.#window.add(header)
  }

  /**
   * Runs until the stream has ended and the pivot of its last head is committed.
   *
   * @throws {SyncCancelledError} when `signal` aborts
   * @throws {HeaderStreamError} when the stream throws, or ends without a header; errors of Cambium
   *   pass as they are
   * @throws the error of a sync that failed. In every case all syncs have shut down and saved
   *   before.
   */
  async run(headers: AsyncIterable<Header>, signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#events.push({ type: 'abort' })
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    const leave = readHeaders(headers, {
      header: (header) => this.#events.push({ type: 'header', header }),
      end: () => this.#events.push({ type: 'end' }),
      broken: (error) => this.#events.push({ type: 'broken', error }),
    })
    try {
      await this.#processSnapSyncContent(signal)
    } finally {
      signal.removeEventListener('abort', onAbort)
      leave()
      await this.#cancel()
    }
  }

  async #processSnapSyncContent(signal: AbortSignal): Promise<void> {
    for (;;) {
      for (const event of this.#events.drain()) this.#handle(event)
      if (this.#current === undefined) {
        const pivot = this.#nextPivot()
        if (pivot !== undefined) {
          await this.#syncState(pivot, signal)
          continue
        }
        if (this.#ended) return
      } else if (this.#isLeft(this.#current.pivot)) {
        await this.#movePivot(this.#current)
        continue
      }
      this.#handle(await this.#events.next())
    }
  }

  #handle(event: LoopEvent): void {
    switch (event.type) {
      case 'header':
        if (this.#window.add(event.header)) this.#options.onHead?.(event.header)
        return
      case 'end':
        if (this.#window.newest === undefined) throw new HeaderStreamError('ended without one')
        this.#ended = true
        return
      case 'broken':
        throw event.error
      case 'abort':
        throw new SyncCancelledError()
      case 'done':
        if (event.sync !== this.#current?.sync) return
        if (event.sync.err !== undefined) throw event.sync.err
        this.#commitPivotBlock()
    }
  }

  /** The header whose state should be complete at the present head. */
  #choosePivot(): Header | undefined {
    const { oldest, newest } = this.#window
    if (newest === undefined) return undefined
    const stored = this.#storedPivot()
    if (stored !== undefined) return stored
    const pivot = this.#window.newestUpTo(newest.number - this.#pivotDistance) ?? oldest!
    const committed = this.#committed
    if (committed === undefined || this.#window.removed(committed)) return pivot
    return pivot.number > committed.number ? pivot : committed
  }

  /**
   * The header of the state that the store held complete in the beginning, until one is committed.
   */
  #storedPivot(): Header | undefined {
    const { completedRoot } = this.#options
    if (this.#committed !== undefined || completedRoot === undefined) return undefined
    return this.#window.withRoot(completedRoot)
  }

  /** What is to be synced; `undefined` while there is nothing but what is committed. */
  #nextPivot(): Header | undefined {
    const pivot = this.#choosePivot()
    return sameHeader(pivot, this.#committed) ? undefined : pivot
  }

  /**
   * Whether the running sync must make way: its pivot was reorged away, or is stale and there is a
   * newer one.
   */
  #isLeft(pivot: Header): boolean {
    if (this.#window.removed(pivot)) return true
    if (sameHeader(this.#choosePivot(), pivot)) return false
    const old = this.#window.newest!.number > pivot.number + this.#maxPivotAge
    const stale = old && !this.#options.isVerifying?.()
    // What is stored needs no sync: readers only wait to be told what it is.
    return stale || this.#storedPivot() !== undefined
  }

  async #syncState(pivot: Header, signal: AbortSignal): Promise<void> {
    this.#options.onPivot?.(pivot)
    const sync = await this.#options.fetcher.syncState(pivot.stateRoot, signal)
    this.#current = { pivot, sync }
    void sync.done.then(() => this.#events.push({ type: 'done', sync }))
  }

  async #movePivot(current: { pivot: Header; sync: StateSync }): Promise<void> {
    const pivot = this.#nextPivot()
    if (pivot !== undefined && compareBytes(pivot.stateRoot, current.sync.root) === 0) {
      // Blocks that changed nothing: what runs is right already.
      current.pivot = pivot
      this.#options.onPivot?.(pivot)
      return
    }
    const error = await this.#cancel()
    if (error !== undefined && !(error instanceof SyncCancelledError)) throw error
  }

  /** Cancels the running sync and waits until it has saved. @returns its error */
  async #cancel(): Promise<unknown> {
    const sync = this.#current?.sync
    await sync?.cancel()
    if (sync?.err === undefined) this.#commitPivotBlock()
    this.#current = undefined
    return sync?.err
  }

  /**
   * The running sync has completed, in time or while it was being cancelled: readers have this
   * state now.
   */
  #commitPivotBlock(): void {
    if (this.#current === undefined) return
    this.#committed = this.#current.pivot
    this.#current = undefined
    this.#options.onCommit(this.#committed)
  }
}
