import { StoreError } from '../../../src/store/errors.ts'
import { StateFetcher } from '../../../src/sync/follow/StateFetcher.ts'
import { SyncCancelledError } from '../../../src/sync/loop/errors.ts'
import type { DriverOptions, SyncDriver } from './SyncDriver.ts'

/** Asks a `StateFetcher` for one root after the other. */
export class FetcherDriver implements SyncDriver {
  readonly #options: DriverOptions
  readonly #fetcher: StateFetcher
  /** The last root that was asked for, and what comes of it. */
  #turn: { root: Uint8Array; ended: Promise<void> } | undefined

  constructor(options: DriverOptions) {
    this.#options = options
    this.#fetcher = new StateFetcher(options.syncer)
  }

  moveTo(root: Uint8Array): void {
    const turn = { root, ended: Promise.resolve() }
    this.#turn = turn
    turn.ended = this.#sync(root, () => this.#turn === turn)
    turn.ended.catch(() => {})
  }

  tell(): void {}

  async end(): Promise<Uint8Array> {
    const { root, ended } = this.#turn!
    await ended
    await this.#fetcher.stop()
    return root
  }

  async #sync(root: Uint8Array, isWanted: () => boolean): Promise<void> {
    while (isWanted()) {
      const sync = await this.#fetcher.syncState(root)
      await sync.done
      if (sync.err === undefined) return
      if (sync.err instanceof StoreError) await this.#options.pause()
      else if (isWanted() || !(sync.err instanceof SyncCancelledError)) throw sync.err
    }
  }
}
