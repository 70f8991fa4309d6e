import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { RootSyncer } from '../../../src/sync/follow/RootSyncer.ts'
import { SyncCancelledError } from '../../../src/sync/loop/errors.ts'
import type { VirtualClock } from '../sync/virtualClock.ts'

/** A syncer that takes the time it is told to, instead of syncing. */
export class FakeSyncer implements RootSyncer {
  /** How long a sync takes, and how long its shutdown after it was cancelled, in milliseconds. */
  durationMs: () => number = () => 1_000
  shutdownMs = 1
  /** A sync that was cancelled completes nevertheless. */
  stubborn = false
  /** What a sync throws in the end. */
  failure: Error | undefined
  calls = 0
  running = 0
  mostRunning = 0
  /** The roots that were begun, and those that were completed, in this order. */
  readonly begun: Uint8Array[] = []
  readonly completed: Uint8Array[] = []
  readonly #clock: VirtualClock

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  async sync(root: Uint8Array, signal: AbortSignal): Promise<void> {
    this.calls++
    this.begun.push(root)
    this.mostRunning = Math.max(this.mostRunning, ++this.running)
    try {
      const last = this.completed.at(-1)
      const complete = last !== undefined && compareBytes(last, root) === 0
      if (!complete) await this.#work(signal)
      if (this.failure !== undefined) throw this.failure
      this.completed.push(root)
    } finally {
      this.running--
    }
  }

  #work(signal: AbortSignal): Promise<void> {
    const { timers } = this.#clock
    return new Promise((resolve, reject) => {
      const timer = timers.setTimeout(resolve, this.durationMs())
      const stop = () => {
        if (this.stubborn) return
        timers.clearTimeout(timer)
        timers.setTimeout(() => reject(new SyncCancelledError()), this.shutdownMs)
      }
      signal.addEventListener('abort', stop)
      if (signal.aborted) stop()
    })
  }
}
