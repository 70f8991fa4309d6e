import type { Header } from '../../../src/chain/Header.ts'
import { StoreError } from '../../../src/store/errors.ts'
import { PivotLoop } from '../../../src/sync/follow/PivotLoop.ts'
import { StateFetcher } from '../../../src/sync/follow/StateFetcher.ts'
import { HeaderFeed } from '../../support/follow/HeaderFeed.ts'
import type { DriverOptions, SyncDriver } from './SyncDriver.ts'

export interface FollowOptions extends DriverOptions {
  pivotDistance: number
  maxPivotAge: number
  /** Those that are known in the beginning, ascending. */
  headers: readonly Header[]
}

/** Follows headers with a `PivotLoop`. */
export class FollowDriver implements SyncDriver {
  readonly #options: FollowOptions
  readonly #fetcher: StateFetcher
  readonly #told: Header[]
  readonly #running: Promise<void>
  #feed = new HeaderFeed()
  #ended = false
  #committed: Header | undefined

  constructor(options: FollowOptions) {
    this.#options = options
    this.#fetcher = new StateFetcher(options.syncer)
    this.#told = [...options.headers]
    this.#running = this.#run()
    this.#running.catch(() => {})
  }

  moveTo(): void {}

  tell(headers: readonly Header[]): void {
    this.#told.push(...headers)
    this.#feed.push(...headers)
  }

  async end(): Promise<Uint8Array> {
    this.#ended = true
    this.#feed.end()
    await this.#running
    await this.#fetcher.stop()
    return this.#committed!.stateRoot
  }

  async #run(): Promise<void> {
    const { store, pause, pivotDistance, maxPivotAge } = this.#options
    for (;;) {
      try {
        const completedRoot = (await store.completion())?.root
        this.#feed = new HeaderFeed()
        this.#feed.push(...this.#told)
        if (this.#ended) this.#feed.end()
        const onCommit = (pivot: Header) => {
          this.#committed = pivot
        }
        const following = { fetcher: this.#fetcher, pivotDistance, maxPivotAge, onCommit }
        const loop = new PivotLoop({ ...following, completedRoot })
        return await loop.run(this.#feed, new AbortController().signal)
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        await pause()
      }
    }
  }
}
