import { expect } from 'vitest'
import { toHex } from '../../../src/base/bytes/hex.ts'
import type { SnapRequest } from '../../../src/snap/SnapMessage.ts'
import { MemoryBackend } from '../../../src/store/backend/MemoryBackend.ts'
import type { StoreBackend } from '../../../src/store/backend/StoreBackend.ts'
import { PagedStore } from '../../../src/store/PagedStore.ts'
import type { StateStore, StoreBatch } from '../../../src/store/StateStore.ts'
import type { Fault } from '../../../src/sync/peers/Fault.ts'
import { PeerPool } from '../../../src/sync/peers/PeerPool.ts'
import type { Phase, Progress } from '../../../src/sync/progress/Progress.ts'
import { ProgressMeter } from '../../../src/sync/progress/ProgressMeter.ts'
import { restoreCounts } from '../../../src/sync/progress/restoreCounts.ts'
import { Syncer } from '../../../src/sync/Syncer.ts'
import type { Verifier } from '../../../src/verifier/Verifier.ts'
import { quiet } from '../peers/quiet.ts'
import type { TestPeers } from '../peers/TestPeers.ts'
import { ApartStore } from '../store/ApartStore.ts'
import { storeWithHooks } from '../store/storeWithHooks.ts'
import { feedPool } from './runSync.ts'
import type { StateTruth } from './StateTruth.ts'
import { virtualClock } from './virtualClock.ts'

export interface SyncBenchOptions {
  verifier: Verifier
  peers: TestPeers
  /** @default a new one, in memory */
  backend?: StoreBackend
  /** How much time passes when nothing else happens, in virtual milliseconds. @default 500 */
  stepMs?: number
  /** @default ten minutes of virtual time without an answer or a write */
  patienceMs?: number
  requestTimeoutMs?: number
  clock?: ReturnType<typeof virtualClock>
  /** Called before a batch is written, and after it. */
  onCommit?: (batch: StoreBatch) => void
  onCommitted?: (batch: StoreBatch) => void | Promise<void>
  onProgress?: (progress: Progress) => void
}

/**
 * Something that happens in a sync: a request that reaches a peer, a batch that was written, or
 * news of the progress.
 */
export interface Moment {
  phase: Phase
  asked?: SnapRequest
  committed?: StoreBatch
}

/**
 * A `Syncer` and all that it needs, for one root after the other, in time that passes only while
 * nothing else happens.
 */
export class SyncFixture {
  readonly backend: StoreBackend
  readonly store: StateStore
  readonly peers: TestPeers
  readonly clock: ReturnType<typeof virtualClock>
  readonly faults: Fault[] = []
  readonly events: Progress[] = []
  readonly #options: SyncBenchOptions
  readonly #pool: PeerPool
  readonly #meter: ProgressMeter
  readonly #syncer: Syncer
  readonly #feed: ReturnType<typeof feedPool>
  #onMoment: (moment: Moment) => void = () => {}
  #abandoned = false
  /** The counts of runs before this one, which are read once. */
  #restored: Promise<void> | undefined
  #writing = 0
  /** Counts what was written. */
  #written = 0

  constructor(options: SyncBenchOptions) {
    const { verifier, peers, backend = new MemoryBackend(), clock = virtualClock() } = options
    this.#options = options
    this.backend = backend
    this.peers = peers
    this.clock = clock
    const { now, timers } = clock
    const onFault = (fault: Fault) => void this.faults.push(fault)
    const { requestTimeoutMs } = options
    this.#pool = new PeerPool({ onFault, now, timers, requestTimeoutMs })
    this.#meter = new ProgressMeter((progress) => this.#progressed(progress), now, timers)
    this.store = storeWithHooks(new ApartStore(backend), (batch, commit) => {
      return this.#commit(batch, commit)
    })
    const pool = this.#pool
    this.#syncer = new Syncer({
      store: this.store,
      verifier,
      pool,
      meter: this.#meter,
      onFault,
      now,
    })
    this.#feed = feedPool(this.#pool, peers)
    peers.onAsked = (asked) => this.#tell({ asked })
  }

  get phase(): Phase {
    return this.#meter.progress.phase
  }

  /** Syncs to the state's end. */
  async sync(truth: Pick<StateTruth, 'root'>): Promise<void> {
    await this.#run(truth, new AbortController())
  }

  /** Syncs towards a state and gives up at the first moment of this kind, which must come. */
  async interrupt(truth: Pick<StateTruth, 'root'>, at: (moment: Moment) => boolean): Promise<void> {
    const controller = new AbortController()
    this.#onMoment = (moment) => {
      if (!controller.signal.aborted && at(moment)) controller.abort()
    }
    const error = await this.#run(truth, controller).catch((cause: unknown) => cause)
    this.#onMoment = () => {}
    expect(controller.signal.aborted, 'the moment came').toBe(true)
    expect(error).toMatchObject({ code: 'SYNC_CANCELLED' })
  }

  /** Looks at it no more, as nobody is left who would end: its process has died. */
  abandon(): void {
    this.#abandoned = true
    this.#feed.stop()
    this.#pool.close()
  }

  /** Ends everything; nothing may be left behind. */
  close(): void {
    this.#feed.stop()
    this.#pool.close()
    this.#meter.stop()
    expect(this.clock.timers.size).toBe(0)
  }

  /**
   * Ends everything, and compares all that is stored with a state, as who opens the store anew sees
   * it.
   */
  async expectComplete(truth: StateTruth): Promise<void> {
    this.close()
    await expectComplete(this.backend, truth)
  }

  async #run({ root }: Pick<StateTruth, 'root'>, controller: AbortController): Promise<void> {
    const { patienceMs = 600_000, stepMs = 500 } = this.#options
    const signal = AbortSignal.any([controller.signal, this.#feed.broken])
    this.#restored ??= restoreCounts(this.store, this.#meter)
    await this.#restored
    let ended = false
    const running = this.#syncer.sync(root, signal).finally(() => {
      ended = true
    })
    running.catch(() => {})
    const drive = async () => {
      for (let [idleMs, before] = [0, -1]; !ended && !this.#abandoned; ) {
        await quiet(this.peers)
        if (ended || this.#writing > 0 || this.phase === 'verify') continue
        this.clock.advance(stepMs)
        const seen = this.peers.answered + this.#written
        idleMs = seen === before ? idleMs + stepMs : 0
        before = seen
        if (idleMs >= patienceMs) throw new Error(`stuck in phase ${this.phase}`)
      }
    }
    await Promise.race([running, drive().then(() => running)])
    this.#feed.broken.throwIfAborted()
  }

  async #commit(batch: StoreBatch, commit: () => Promise<void>): Promise<void> {
    const { onCommit, onCommitted } = this.#options
    onCommit?.(batch)
    this.#writing++
    await commit().finally(() => this.#writing--)
    this.#written++
    await onCommitted?.(batch)
    this.#tell({ committed: batch })
  }

  #progressed(progress: Progress): void {
    this.events.push(progress)
    this.#options.onProgress?.(progress)
    this.#onMoment({ phase: progress.phase })
  }

  #tell(what: Omit<Moment, 'phase'>): void {
    this.#onMoment({ phase: this.phase, ...what })
  }
}

/**
 * Compares all that a database holds with a state: both views, the completion, and a journal
 * without records.
 */
export async function expectComplete(backend: StoreBackend, truth: StateTruth): Promise<void> {
  const store = new PagedStore(backend)
  const completion = await store.completion()
  expect(completion && toHex(completion.root)).toBe(toHex(truth.root))
  for (const view of [store.completed, store.working]) {
    await truth.expectStored(view, { formerCodes: true })
  }
  expect([...(await store.journal()).keys()]).toEqual(['counts'])
}
