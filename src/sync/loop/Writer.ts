import { StoreQuotaError } from '../../store/errors.ts'
import type { StateStore, StoreBatch } from '../../store/StateStore.ts'
import type { StoreTotals } from '../../store/StateView.ts'

/**
 * Batches that are written together at most: those of some 2 MB of answers, so reads meanwhile wait
 * a twentieth of a second.
 */
const MOST_TOGETHER = 4

/**
 * Writes batches in their order. Those that came while the disk was busy go together: every
 * transaction costs some ten milliseconds, and pages that several batches touch are written once.
 *
 * The first that fails is the last: a later one may hold the cursor that passes the leaves which
 * were not written.
 */
export class Writer {
  readonly #store: StateStore
  readonly #onWritten: (totals: StoreTotals) => void
  readonly #onFailed: (error: unknown) => void
  readonly #waiting: StoreBatch[] = []
  #backlog = 0
  #failed = false
  #running: Promise<void> | undefined

  /** @param onWritten given what the store's working state holds now */
  constructor(
    store: StateStore,
    onWritten: (totals: StoreTotals) => void,
    onFailed: (error: unknown) => void,
  ) {
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
    if (this.#failed) return
    this.#waiting.push(batch)
    this.#running ??= this.#run()
  }

  /** Resolves when all that was given so far is on disk, or will never be. */
  async flush(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#writeNext()
    } catch (error) {
      this.#failed = true
      this.#waiting.length = 0
      this.#onFailed(error)
    }
    this.#running = undefined
  }

  async #writeNext(): Promise<void> {
    const parts = this.#waiting.slice(0, MOST_TOGETHER)
    let batch = parts[0]!
    let count = 1
    for (; count < parts.length; count++) {
      const together = this.#store.join(batch, parts[count]!)
      if (together === undefined) break
      batch = together
    }
    this.#waiting.splice(0, count)
    try {
      await this.#commit(batch, count)
    } catch (error) {
      if (count === 1 || !(error instanceof StoreQuotaError)) throw error
      // There may be room for the first of them.
      for (const part of parts.slice(0, count)) await this.#commit(part, 1)
    }
  }

  async #commit(batch: StoreBatch, count: number): Promise<void> {
    const totals = await this.#store.commit(batch)
    this.#backlog -= count
    this.#onWritten(totals)
  }
}
