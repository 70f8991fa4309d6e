import { compareBytes } from '../base/bytes/compareBytes.ts'
import type { CambiumError } from '../base/CambiumError.ts'
import type { VerifierThreads } from '../snap/verify/pool/VerifierThreads.ts'
import { StoreCorruptError } from '../store/errors.ts'
import type { StateStore, StoreBatch } from '../store/StateStore.ts'
import type { StoreTotals } from '../store/StateView.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import { audit } from './audit/audit.ts'
import { auditHealed } from './audit/auditHealed.ts'
import { DerivedState } from './audit/DerivedState.ts'
import { AuditError } from './audit/errors.ts'
import { Download } from './download/Download.ts'
import { StaleLeaves } from './download/StaleLeaves.ts'
import type { RootSyncer } from './follow/RootSyncer.ts'
import { FarStorage } from './heal/choice/FarStorage.ts'
import { startSurvey } from './heal/choice/survey.ts'
import { TrieHealer } from './heal/TrieHealer.ts'
import { isDone } from './journal/AccountTask.ts'
import { endRecords, taskRecord } from './journal/Journal.ts'
import { loadCycle, type SyncCycle } from './journal/loadCycle.ts'
import { rewindTask } from './journal/rewindTask.ts'
import { RunLoop, type SyncPhase } from './loop/RunLoop.ts'
import type { Fault } from './peers/Fault.ts'
import type { PeerPool } from './peers/PeerPool.ts'
import { batchCounts } from './progress/batchCounts.ts'
import { addedCounts } from './progress/counts.ts'
import { countsRecord } from './progress/countsRecord.ts'
import { coveredFraction } from './progress/coveredFraction.ts'
import type { Progress } from './progress/Progress.ts'
import type { ProgressMeter } from './progress/ProgressMeter.ts'

export interface SyncerOptions {
  /** Nobody else writes to it. */
  store: StateStore
  verifier: Verifier
  /** Other threads that prove what is downloaded. @default none: this one proves everything */
  verifierThreads?: VerifierThreads | undefined
  /** Who is asked; may be empty, and change at any time. */
  pool: PeerPool
  /** Each transaction stores its counts; `restoreCounts` reads them. */
  meter: ProgressMeter
  onFault?: ((fault: Fault) => void) | undefined
  /** The store was emptied, as what it held did not hold. */
  onCleared?: (() => void) | undefined
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: (() => number) | undefined
}

/**
 * Brings a store to the state under a root: downloads what is missing, heals what differs, and
 * recomputes the root before the state is called complete. What it knows of the stored state it
 * keeps from one root to the next.
 */
export class Syncer implements RootSyncer {
  readonly #options: SyncerOptions
  readonly #now: () => number
  #derived: DerivedState
  /**
   * All accounts that were healed since the last completion; `undefined` where more than that may
   * have changed, or a crash forgot which.
   */
  #touched: Set<string> | undefined
  /** Whether the upper nodes of the account trie are derived. */
  #warm = false
  #verifying = false
  #verifiedAll = true

  constructor(options: SyncerOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#derived = new DerivedState(options.store.working, options.verifier)
  }

  /** Whether the running sync has all that peers must give, and only looks at what is stored. */
  get verifying(): boolean {
    return this.#verifying
  }

  /** Whether everything was recomputed when the last sync completed, or only what was healed. */
  get verifiedAll(): boolean {
    return this.#verifiedAll
  }

  /**
   * Brings the store to the complete state under `root`, from where the journal says that it is.
   * Resolves at once if it is there already. One call at a time.
   *
   * @param root the trusted state root, 32 bytes
   * @throws {SyncCancelledError} when `signal` aborts; all that was proven is stored then
   * @throws {StoreError} when the store fails
   * @throws {AuditError} when the stored leaves do not add up to the root in the end; the store is
   *   emptied then
   * @throws {StoreCorruptError} when what is stored cannot be read, twice: the first time, all is
   *   fetched anew
   */
  async sync(root: Uint8Array, signal: AbortSignal): Promise<void> {
    try {
      await this.#sync(root, signal)
    } catch (error) {
      if (!(error instanceof StoreCorruptError)) throw error
      this.#fault(error)
      await this.#clear()
      await this.#sync(root, signal)
    }
  }

  /** What is stored does not hold: nothing of it answers any more, and all is fetched anew. */
  async #clear(): Promise<void> {
    const { store, verifier, onCleared } = this.#options
    await store.clear()
    onCleared?.()
    this.#touched = undefined
    this.#warm = false
    this.#derived = new DerivedState(store.working, verifier)
  }

  async #sync(root: Uint8Array, signal: AbortSignal): Promise<void> {
    const { store, pool, meter } = this.#options
    try {
      const completion = await store.completion()
      if (completion === undefined || compareBytes(completion.root, root) !== 0) {
        const cycle = await loadCycle(store, root, (error) => this.#fault(error))
        if (completion === undefined || cycle.damaged) this.#touched = undefined
        else if (!cycle.begun) this.#touched = new Set()
        pool.renew()
        await this.#fetch(root, cycle, signal)
        await this.#finish(root, signal)
      }
      meter.enter('complete', 1, await this.#stored())
    } finally {
      meter.stop()
    }
  }

  /**
   * Downloads the missing and the far parts, and heals the rest. Decides once about each part, so
   * it ends.
   */
  async #fetch(root: Uint8Array, cycle: SyncCycle, signal: AbortSignal): Promise<void> {
    const { tasks, incomplete, mixed, moved } = cycle
    const isDownloaded = () => tasks.every(isDone)
    // Before a restart, the same sync has decided about the part before its cursors.
    if (mixed && (moved || isDownloaded()) && (await this.#isFar(root, cycle, signal))) {
      // All accounts come again, over those that are stored.
      for (const task of tasks) {
        rewindTask(task, incomplete)
        task.next = task.first
      }
      await this.#saveTasks(cycle)
    }
    if (!isDownloaded()) await this.#download(root, cycle, signal)
    if (!mixed) return
    const farStorage = new FarStorage(this.#options.store.working)
    for (;;) {
      await this.#heal(root, cycle, farStorage, signal)
      if (farStorage.found.length === 0) return
      // The heal that follows looks at these accounts again.
      for (const contract of farStorage.found) {
        incomplete.add(contract.accountHash)
        const { pending } = tasks[contract.accountHash[0]! >> 4]!
        pending.push({ ...contract, codeHash: undefined, chunks: undefined })
        pending.sort((a, b) => compareBytes(a.accountHash, b.accountHash))
      }
      farStorage.found = []
      await this.#saveTasks(cycle)
      await this.#download(root, cycle, signal)
    }
  }

  async #isFar(root: Uint8Array, { tasks }: SyncCycle, signal: AbortSignal): Promise<boolean> {
    const { store, verifier, meter } = this.#options
    const { accounts } = await store.working.totals()
    const survey = await startSurvey({
      ...{ root, tasks, verifier, derived: this.#derived, warm: this.#warm, now: this.#now },
      accounts: accounts / coveredFraction(tasks),
    })
    if (survey === undefined) return false
    meter.enter('heal', 0, await this.#stored())
    const before = meter.progress.healed
    const progress = () => ({ healed: addedCounts(before, survey.counts) })
    await this.#run(survey, signal, progress)
    return survey.isFar
  }

  async #saveTasks({ tasks, incomplete }: SyncCycle): Promise<void> {
    // A download changes more than a list can hold: verify everything in the end.
    this.#touched = undefined
    const journal = new Map([...tasks.map(taskRecord), ...incomplete.takeChanges()])
    await this.#options.store.commit({ journal })
  }

  async #download(root: Uint8Array, cycle: SyncCycle, signal: AbortSignal): Promise<void> {
    const { store, verifier, verifierThreads, meter } = this.#options
    const { tasks, incomplete, mixed } = cycle
    const view = store.working
    const staleLeaves = mixed ? new StaleLeaves(view, incomplete) : undefined
    const phase = new Download({
      root,
      tasks,
      view,
      verifier,
      verifierThreads,
      incomplete,
      staleLeaves,
    })
    meter.enter('download', phase.fraction, await this.#stored())
    const onBatch = (batch: StoreBatch) => meter.synced(batchCounts(batch))
    await this.#run(phase, signal, () => ({ fraction: phase.fraction }), onBatch)
  }

  async #heal(
    root: Uint8Array,
    { incomplete }: SyncCycle,
    farStorage: FarStorage,
    signal: AbortSignal,
  ): Promise<void> {
    const { verifier, store, meter } = this.#options
    meter.enter('heal', 0, await this.#stored())
    const options = {
      root,
      view: store.working,
      derived: this.#derived,
      verifier,
      incomplete,
      farStorage,
    }
    const healer = await TrieHealer.start({ ...options, now: this.#now })
    const before = meter.progress.healed
    try {
      await this.#run(healer, signal, () => {
        const { fraction, healed, healing } = healer.progress
        return { fraction, healed: addedCounts(before, healed), healing }
      })
      this.#warm = true
    } finally {
      for (const account of healer.touched) this.#touched?.add(account)
    }
  }

  async #run(
    phase: SyncPhase,
    signal: AbortSignal,
    progress: () => Partial<Progress>,
    onBatch: (batch: StoreBatch) => void = () => {},
  ): Promise<void> {
    const { store, pool, meter } = this.#options
    const loop = new RunLoop({
      store,
      pool,
      signal,
      onBatch,
      records: () => [countsRecord({ ...meter.progress, ...progress() })],
      onReceived: (bytes) => meter.received(bytes),
      onStep: (stored) => {
        meter.update({ ...progress(), ...(stored && counts(stored)), peers: pool.size })
      },
    })
    meter.waitsFor = () => loop.waitsFor()
    try {
      await loop.run(phase)
    } finally {
      meter.waitsFor = undefined
    }
  }

  async #stored(): Promise<ReturnType<typeof counts>> {
    return counts(await this.#options.store.working.totals())
  }

  #fault({ code, message }: CambiumError): void {
    this.#options.onFault?.({ code, message })
  }

  /**
   * Invariant 2: complete is recorded only after everything that changed was recomputed from what
   * is stored.
   */
  async #finish(root: Uint8Array, signal: AbortSignal): Promise<void> {
    const { store } = this.#options
    this.#verifying = true
    try {
      await this.#audit(root, signal)
    } catch (error) {
      // Every range was proven, so the disk is wrong: the next run starts from nothing.
      if (error instanceof AuditError) await this.#clear()
      throw error
    } finally {
      this.#verifying = false
    }
    const journal = new Map([...endRecords(), countsRecord(this.#options.meter.progress)])
    await store.commit({ journal, complete: root })
    this.#touched = new Set()
  }

  async #audit(root: Uint8Array, signal: AbortSignal): Promise<void> {
    const { store, verifier, meter } = this.#options
    const { accounts, slots, codes } = await this.#stored()
    const all = accounts + slots + codes
    const touched = this.#touched
    meter.enter('verify', 0)
    this.#verifiedAll = touched === undefined
    // A heal touches few accounts. Looking at each costs as much as reading 64 leaves.
    if (touched === undefined) {
      const onChecked = (checked: number) => meter.update({ fraction: checked / all })
      this.#warm = false
      // A new one, which knows of nothing but what is read now; it is warm for the next heal.
      this.#derived = new DerivedState(store.working, verifier)
      const { accounts } = this.#derived
      await audit(store.working, verifier, root, { signal, onChecked, accounts })
      this.#warm = true
      return
    }
    const { size } = touched
    await auditHealed(store.working, this.#derived, root, touched, {
      signal,
      onChecked(account) {
        // Should the root move now, what is right stays right, unless it is healed again.
        touched.delete(account)
        meter.update({ fraction: 1 - touched.size / size })
      },
    })
  }
}

/** What is stored, as progress counts it: its bytes are those received, not those stored. */
function counts({ accounts, slots, codes }: StoreTotals): {
  accounts: number
  slots: number
  codes: number
} {
  return { accounts, slots, codes }
}
