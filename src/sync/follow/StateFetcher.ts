import { StateFetcherStoppedError } from './errors.ts'
import type { RootSyncer } from './RootSyncer.ts'
import { StateSync } from './StateSync.ts'

/**
 * Runs one sync at a time, and swaps it for the next one that is asked for (geth's `stateFetcher`).
 * The old sync has shut down and saved before the new one begins, so that no two ever write to the
 * store at once.
 *
 * @example
 * ```ts
 * const fetcher = new StateFetcher(syncer)
 * const sync = await fetcher.syncState(root)
 * await sync.wait()
 * await fetcher.stop()
 * ```
 */
export class StateFetcher {
  readonly #syncer: RootSyncer
  /** The sync that waits for the running one to end. */
  #stateSyncStart: StateSync | undefined
  #running: StateSync | undefined
  /** Pending while syncs run or wait. */
  #fetching: Promise<void> | undefined
  #stopped = false

  constructor(syncer: RootSyncer) {
    this.#syncer = syncer
  }

  /**
   * Begins a sync towards `root` in place of the one that runs, also where that has the same root:
   * each caller gets a sync of its own to cancel. Never rejects.
   *
   * @param root 32 bytes
   * @param signal cancels the sync, before it has begun or while it runs
   * @returns the sync once it has begun; or one that never did, whose `err` is a
   *   `SyncCancelledError` (cancelled, or replaced by a later call, before its turn came) or a
   *   `StateFetcherStoppedError`
   */
  async syncState(root: Uint8Array, signal?: AbortSignal): Promise<StateSync> {
    const sync = new StateSync(this.#syncer, root, signal)
    if (this.#stopped) {
      void sync.cancel(new StateFetcherStoppedError())
    } else {
      void this.#stateSyncStart?.cancel()
      this.#stateSyncStart = sync
      void this.#running?.cancel()
      this.#fetching ??= this.#stateFetcher()
    }
    await sync.started
    return sync
  }

  /**
   * Cancels what runs and what waits, and resolves when all has shut down and saved; idempotent.
   * Nothing begins any more.
   */
  async stop(): Promise<void> {
    this.#stopped = true
    void this.#stateSyncStart?.cancel(new StateFetcherStoppedError())
    void this.#running?.cancel()
    await this.#fetching
  }

  /** Runs what waits, one sync after the other, until none is left. */
  async #stateFetcher(): Promise<void> {
    while (this.#stateSyncStart !== undefined) {
      this.#running = this.#stateSyncStart
      this.#stateSyncStart = undefined
      await this.#running.run()
      this.#running = undefined
    }
    this.#fetching = undefined
  }
}
