import { SyncCancelledError } from '../loop/errors.ts'
import type { RootSyncer } from './RootSyncer.ts'

/**
 * One sync towards one root, from the wait for the one before it to its end (geth's `stateSync`).
 */
export class StateSync {
  /** The state root, 32 bytes. */
  readonly root: Uint8Array
  /**
   * Resolves when the sync has begun, or when it never will: then it is `done` and `err` says why.
   */
  readonly started: Promise<void>
  /** Resolves when the sync has ended, however it did; never rejects. */
  readonly done: Promise<void>
  readonly #syncer: RootSyncer
  readonly #controller = new AbortController()
  #begun = false
  #err: unknown
  #start!: () => void
  #end!: () => void

  /**
   * Does nothing until `run` is called.
   *
   * @param signal cancels the sync, before it has begun or while it runs
   */
  constructor(syncer: RootSyncer, root: Uint8Array, signal?: AbortSignal) {
    this.#syncer = syncer
    this.root = root
    this.started = new Promise((resolve) => {
      this.#start = resolve
    })
    this.done = new Promise((resolve) => {
      this.#end = resolve
    })
    if (signal !== undefined) this.#obey(signal)
  }

  /** Why the sync ended without completing; `undefined` while it runs and after it completed. */
  get err(): unknown {
    return this.#err
  }

  /**
   * Runs the sync, unless it was begun or cancelled before, and waits for its end; never rejects.
   */
  run(): Promise<void> {
    if (!this.#begun) void this.#run()
    return this.done
  }

  /**
   * Waits for the end.
   * @throws what `err` says
   */
  async wait(): Promise<void> {
    await this.done
    if (this.#err !== undefined) throw this.#err
  }

  /**
   * Stops the sync and waits until it has shut down and saved; idempotent, and never rejects. A
   * sync that completes nevertheless has no `err`.
   *
   * @param reason what `err` becomes if the sync has not begun; a running one ends with the error
   *   of its syncer
   */
  cancel(reason: Error = new SyncCancelledError()): Promise<void> {
    if (!this.#begun) {
      this.#begun = true
      this.#err = reason
      this.#start()
      this.#end()
    }
    this.#controller.abort()
    return this.done
  }

  async #run(): Promise<void> {
    this.#begun = true
    this.#start()
    try {
      await this.#syncer.sync(this.root, this.#controller.signal)
    } catch (error) {
      this.#err = error
    } finally {
      this.#end()
    }
  }

  #obey(signal: AbortSignal): void {
    const cancel = () => void this.cancel()
    signal.addEventListener('abort', cancel)
    if (signal.aborted) cancel()
    // One signal may outlive any number of syncs.
    void this.done.then(() => signal.removeEventListener('abort', cancel))
  }
}
