import { PagedStore } from '../../../src/store/PagedStore.ts'
import type { StateStore, StoreBatch } from '../../../src/store/StateStore.ts'
import type { RootSyncer } from '../../../src/sync/follow/RootSyncer.ts'
import type { Fault } from '../../../src/sync/peers/Fault.ts'
import { PeerPool } from '../../../src/sync/peers/PeerPool.ts'
import type { Progress } from '../../../src/sync/progress/Progress.ts'
import { ProgressMeter } from '../../../src/sync/progress/ProgressMeter.ts'
import { Syncer } from '../../../src/sync/Syncer.ts'
import type { Verifier } from '../../../src/verifier/Verifier.ts'
import { storeWithHooks } from '../../support/store/storeWithHooks.ts'
import type { ProcessTimers, VirtualTime } from '../VirtualTime.ts'
import type { ProcessDisk } from './SimulatedDisk.ts'

export interface ProcessOptions {
  time: VirtualTime
  disk: ProcessDisk
  verifier: Verifier
  requestTimeoutMs: number
  onFault: (fault: Fault) => void
  onProgress: (progress: Progress) => void
  /** A batch is about to be committed; `root`: what is being synced, where anything is. */
  onCommit: (batch: StoreBatch, root: Uint8Array | undefined) => void
  onSync: (event: SyncMoment) => void
}

/** A sync begins or ends. */
export type SyncMoment =
  | { type: 'begins' | 'completes'; root: Uint8Array }
  | { type: 'fails'; root: Uint8Array; error: unknown }

/** What runs in one tab: an engine over the disk, until it is killed. */
export class SimulatedProcess {
  readonly store: StateStore
  readonly pool: PeerPool
  readonly syncer: RootSyncer
  readonly timers: ProcessTimers
  readonly #disk: ProcessDisk
  #alive = true
  #root: Uint8Array | undefined

  constructor(options: ProcessOptions) {
    const { time, disk, verifier, requestTimeoutMs, onCommit } = options
    const alive =
      <Args extends unknown[]>(listener: (...args: Args) => void) =>
      (...args: Args) => {
        if (this.#alive) listener(...args)
      }
    this.#disk = disk
    this.timers = time.processTimers()
    const { now } = time
    const { timers } = this
    const onFault = alive(options.onFault)
    const watch = alive(onCommit)
    this.store = storeWithHooks(new PagedStore(disk), (batch, commit) => {
      watch(batch, this.#root)
      return commit()
    })
    this.pool = new PeerPool({ onFault, requestTimeoutMs, now, timers })
    const meter = new ProgressMeter(alive(options.onProgress), now, timers)
    const { store, pool } = this
    const syncer = new Syncer({ store, verifier, pool, meter, onFault, now })
    const onSync = alive(options.onSync)
    this.syncer = {
      sync: async (root, signal) => {
        if (this.#root !== undefined) throw new Error('two syncs at once')
        this.#root = root
        onSync({ type: 'begins', root })
        try {
          await syncer.sync(root, signal)
          this.#root = undefined
          onSync({ type: 'completes', root })
        } catch (error) {
          this.#root = undefined
          onSync({ type: 'fails', root, error })
          throw error
        }
      },
    }
  }

  get alive(): boolean {
    return this.#alive
  }

  /** What is being synced. */
  get root(): Uint8Array | undefined {
    return this.#root
  }

  /** Ends it between two steps: nothing that it would have done comes to be. */
  kill(): void {
    this.#alive = false
    this.#disk.kill()
    this.timers.kill()
  }
}
