import { StoreError } from '../../../src/store/errors.ts'
import { SyncCancelledError } from '../../../src/sync/loop/errors.ts'
import type { DriverOptions, SyncDriver } from './SyncDriver.ts'

/** Calls the syncer itself: cancels the sync that runs, waits for its end, and begins the next. */
export class SwapDriver implements SyncDriver {
  readonly #options: DriverOptions
  #wanted: Uint8Array | undefined
  #complete: Uint8Array | undefined
  #controller = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: DriverOptions) {
    this.#options = options
  }

  moveTo(root: Uint8Array): void {
    this.#wanted = root
    this.#controller.abort()
    this.#running ??= this.#run()
    this.#running.catch(() => {})
  }

  tell(): void {}

  async end(): Promise<Uint8Array> {
    await this.#running
    return this.#complete!
  }

  async #run(): Promise<void> {
    const { syncer, pause } = this.#options
    while (this.#wanted !== undefined) {
      const root = this.#wanted
      this.#wanted = undefined
      this.#controller = new AbortController()
      try {
        await syncer.sync(root, this.#controller.signal)
        this.#complete = root
      } catch (error) {
        if (error instanceof StoreError) {
          await pause()
          this.#wanted ??= root
        } else if (!(error instanceof SyncCancelledError && this.#wanted)) throw error
      }
    }
    this.#running = undefined
  }
}
