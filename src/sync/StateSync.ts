import type { FramePipe } from '../snap/FramePipe.ts'
import type { Syncer } from './Syncer.ts'

/** One sync towards one root, from start to end. */
export class StateSync {
  /** Resolves when the sync has ended, however it did; never rejects. */
  readonly done: Promise<void>
  readonly #controller = new AbortController()
  #error: unknown

  /** Starts at once. `peers` brings the connections. */
  constructor(syncer: Syncer, root: Uint8Array, peers: AsyncIterable<FramePipe>) {
    this.done = syncer.sync(root, peers, this.#controller.signal).catch((error) => {
      this.#error = error
    })
  }

  /** Why the sync ended without completing; `undefined` while it runs and after it completed. */
  get err(): unknown {
    return this.#error
  }

  /** Stops the sync and waits until it has shut down and saved; idempotent. */
  cancel(): Promise<void> {
    this.#controller.abort()
    return this.done
  }
}
