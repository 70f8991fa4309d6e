import type { FramePipe } from '../../../src/pipes/FramePipe.ts'
import { PeerPool, type PeerPoolOptions } from '../../../src/sync/peers/PeerPool.ts'
import type { Progress } from '../../../src/sync/progress/Progress.ts'
import { ProgressMeter } from '../../../src/sync/progress/ProgressMeter.ts'
import { restoreCounts } from '../../../src/sync/progress/restoreCounts.ts'
import { Syncer, type SyncerOptions } from '../../../src/sync/Syncer.ts'

export type RunSyncOptions = Omit<SyncerOptions, 'pool' | 'meter'> &
  PeerPoolOptions & { onProgress?: (progress: Progress) => void }

/**
 * One sync to its end, with peers as they come; a source of peers that breaks is a mistake in a
 * test, and thrown.
 */
export async function runSync(
  options: RunSyncOptions,
  root: Uint8Array,
  peers: AsyncIterable<FramePipe>,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const { onProgress = () => {}, now = () => performance.now(), timers } = options
  const pool = new PeerPool(options)
  const meter = new ProgressMeter(onProgress, now, timers)
  await restoreCounts(options.store, meter, options.onFault)
  const feed = feedPool(pool, peers)
  const running = new Syncer({ ...options, pool, meter }).sync(
    root,
    AbortSignal.any([signal, feed.broken]),
  )
  try {
    await running
  } catch (error) {
    throw feed.broken.aborted ? feed.broken.reason : error
  } finally {
    feed.stop()
    pool.close()
  }
}

/** Adds peers to a pool as they come. */
export function feedPool(
  pool: PeerPool,
  peers: AsyncIterable<FramePipe>,
): { broken: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const iterator = peers[Symbol.asyncIterator]()
  let stopped = false
  const run = async () => {
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      if (stopped) next.value.close()
      else pool.add(next.value)
    }
  }
  run().catch((error) => controller.abort(error))
  return {
    broken: controller.signal,
    stop() {
      stopped = true
      void iterator.return?.()
    },
  }
}
