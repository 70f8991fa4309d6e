import type { Block } from '../chain/Block.ts'
import { toBlock } from '../chain/toBlock.ts'
import type { VerifierThreads } from '../snap/verify/pool/VerifierThreads.ts'
import type { StateStore } from '../store/StateStore.ts'
import type { HeaderLog } from '../sync/follow/HeaderLog.ts'
import { PivotLoop } from '../sync/follow/PivotLoop.ts'
import { StateFetcher } from '../sync/follow/StateFetcher.ts'
import type { Fault } from '../sync/peers/Fault.ts'
import type { PeerPool } from '../sync/peers/PeerPool.ts'
import { ProgressMeter } from '../sync/progress/ProgressMeter.ts'
import { restoreCounts } from '../sync/progress/restoreCounts.ts'
import { Syncer } from '../sync/Syncer.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import { blocksRecord } from './blocksRecord.ts'
import type { Emit } from './protocol.ts'

export interface SyncRunOptions {
  store: StateStore
  verifier: Verifier
  /** Other threads that prove. */
  verifierThreads?: VerifierThreads | undefined
  pool: PeerPool
  /**
   * What is to be synced: the state under one root, 32 bytes, or the states of a stream's blocks.
   */
  target: Uint8Array | FollowOptions
  emit: Emit
  /** The store was emptied, as what it held did not hold. */
  onCleared: () => void
  /** Is waited for before each sync. */
  ready: (signal: AbortSignal) => Promise<void>
  /** Told after each sync whether all that is stored was verified, or only what was healed. */
  onVerified: (whole: boolean) => void
}

interface FollowOptions {
  headers: HeaderLog
  pivotDistance: number
  maxPivotAge: number
  /** The block whose state is complete, where it is known. */
  completed: () => Block | undefined
  onCommit: (block: Block) => void
}

/**
 * Runs until the state under the root is complete, or that of the stream's last pivot. One syncer
 * serves the whole run, so that what it knows of the stored state is used again from pivot to
 * pivot.
 *
 * @throws {SyncCancelledError} when `signal` aborts; all that was proven is stored then
 * @throws what `Syncer` and `PivotLoop` throw
 */
export async function syncRun(options: SyncRunOptions, signal: AbortSignal): Promise<void> {
  const { store, verifier, verifierThreads, pool, target, emit } = options
  const { onCleared, ready, onVerified } = options
  const meter = new ProgressMeter(
    (progress) => emit('progress', progress),
    () => performance.now(),
  )
  const onFault = (fault: Fault) => emit('fault', fault)
  const syncer = new Syncer({ store, verifier, verifierThreads, pool, meter, onFault, onCleared })
  const fetcher = new StateFetcher({
    async sync(root, signal) {
      meter.waitsFor = () => ({ reason: 'audit' })
      await ready(signal)
      meter.waitsFor = undefined
      await syncer.sync(root, signal)
      onVerified(syncer.verifiedAll)
    },
  })
  // While a complete state answers, a head that does not move is nothing to wonder about.
  const isFirst = (await store.completion()) === undefined
  try {
    await restoreCounts(store, meter, onFault)
    if (isFirst) {
      const { accounts, slots, codes } = await store.working.totals()
      meter.waitsFor = () => ({ reason: 'no-header' })
      meter.begin({ accounts, slots, codes })
    }
    if (target instanceof Uint8Array) await (await fetcher.syncState(target, signal)).wait()
    else await follow(target)
  } finally {
    await fetcher.stop()
    pool.close()
    meter.stop()
    // If nothing was begun, what was told before still holds.
    const isTold = isFirst || meter.progress.phase !== 'idle'
    if (isTold) emit('progress', { ...meter.progress, peers: 0, stalled: undefined })
  }

  async function follow(target: FollowOptions): Promise<void> {
    const { headers, pivotDistance, maxPivotAge } = target
    const completion = await store.completion()
    const loop = new PivotLoop({
      fetcher,
      pivotDistance,
      maxPivotAge,
      isVerifying: () => syncer.verifying,
      known: headers.known,
      completedRoot: completion?.root,
      onPivot(header) {
        const pivot = toBlock(header)
        meter.moveTo(pivot)
        emit('pivot', pivot)
        remember(target.completed(), pivot)
      },
      onCommit: (header) => target.onCommit(toBlock(header)),
    })
    await loop.run(headers, signal)
  }

  /** So that it is known which block a completed root is, in another tab, or after this one. */
  function remember(completed: Block | undefined, pivot: Block): void {
    const journal = new Map([blocksRecord(completed ? [completed, pivot] : [pivot])])
    // What this fails of, the sync meets as well.
    store.commit({ journal }).catch(() => {})
  }
}
