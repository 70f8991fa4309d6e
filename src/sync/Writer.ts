import type { StateStore, StoreBatch } from '../store/StateStore.ts'

/**
 * Writes batches one after the other. The first that fails is the last: a later one may hold the cursor that passes the
 * leaves which were not written.
 */
export class Writer {
  readonly #store: StateStore
  readonly #onWritten: () => void
  readonly #onFailed: (error: unknown) => void
  #last: Promise<void> = Promise.resolve()
  #failed = false
  #backlog = 0

  constructor(store: StateStore, onWritten: () => void, onFailed: (error: unknown) => void) {
    this.#store = store
    this.#onWritten = onWritten
    this.#onFailed = onFailed
  }

  /** Batches that are not on disk: not yet, or, after a failure, not at all. */
  get backlog(): number {
    return this.#backlog
  }

  write(batch: StoreBatch): void {
    this.#backlog++
    this.#last = this.#last.then(async () => {
      if (this.#failed) return
      try {
        await this.#store.commit(batch)
      } catch (error) {
        this.#failed = true
        this.#onFailed(error)
        return
      }
      this.#backlog--
      this.#onWritten()
    })
  }

  /** Resolves when all that was given so far is on disk, or will never be. */
  flush(): Promise<void> {
    return this.#last
  }
}
