import type { StateStore } from '../../../src/store/StateStore.ts'
import { SyncCancelledError } from '../../../src/sync/loop/errors.ts'
import type { Fault } from '../../../src/sync/peers/Fault.ts'
import type { Phase, Progress } from '../../../src/sync/progress/Progress.ts'
import type { Verifier } from '../../../src/verifier/Verifier.ts'
import { quiet } from '../peers/quiet.ts'
import type { TestPeers } from '../peers/TestPeers.ts'
import { storeWithHooks } from '../store/storeWithHooks.ts'
import { runSync } from './runSync.ts'
import type { StateTruth } from './StateTruth.ts'
import { type VirtualClock, virtualClock } from './virtualClock.ts'

export interface ScenarioOptions {
  store: StateStore
  verifier: Verifier
  peers: TestPeers
  /** Where peers need it too. */
  clock?: VirtualClock
  /** How much time passes when nothing else happens, in virtual milliseconds. @default 1000 */
  stepMs?: number
  /**
   * A sync is cancelled after so many virtual milliseconds in which nobody was asked, nobody
   * answered and nothing was written. @default ten minutes
   */
  patienceMs?: number
  requestTimeoutMs?: number
}

/** What became of a sync. */
export interface ScenarioRun {
  /**
   * Whether it ended by itself, with the state complete; otherwise it got no further, and was
   * cancelled.
   */
  completed: boolean
  faults: Fault[]
  /** Clock that were left behind. */
  timers: number
}

/**
 * Syncs one state, from beginning to end, in time that passes only while peers and store have
 * nothing to do. All scenarios drive the engine through here.
 *
 * @throws what the sync ended with, unless it was cancelled
 */
export async function syncScenario(
  truth: StateTruth,
  options: ScenarioOptions,
): Promise<ScenarioRun> {
  const { verifier, peers, clock = virtualClock(), stepMs = 1_000, patienceMs = 600_000 } = options
  const { now, timers } = clock
  const { requestTimeoutMs } = options
  const faults: Fault[] = []
  let [writing, written] = [0, 0]
  const store = storeWithHooks(options.store, async (_, commit) => {
    writing++
    await commit().finally(() => writing--)
    written++
  })
  // Reading the journal and verifying ask nobody, however long they take.
  let phase: Phase = 'idle'
  const controller = new AbortController()
  const syncing = {
    ...{ store, verifier, now, timers },
    onFault: (fault: Fault) => faults.push(fault),
    onProgress: (progress: Progress) => {
      phase = progress.phase
    },
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
  }
  let end: { error: unknown } | undefined
  const ended = runSync(syncing, truth.root, peers, controller.signal).then(
    () => ({ error: undefined }),
    (error: unknown) => ({ error }),
  )
  void ended.then((outcome) => {
    end = outcome
  })
  // Counts what was asked, answered and written.
  const seen = () =>
    peers.exchanges.length + peers.exchanges.filter(({ response }) => response).length + written
  for (let [idleMs, before] = [0, 0]; end === undefined && idleMs < patienceMs; ) {
    await quiet(peers)
    if (writing > 0 || phase === 'idle' || phase === 'verify') continue
    clock.advance(stepMs)
    idleMs = seen() === before ? idleMs + stepMs : 0
    before = seen()
  }
  controller.abort()
  const { error } = await ended
  const cancelled = error instanceof SyncCancelledError
  if (error !== undefined && !cancelled) throw error
  return { completed: !cancelled, faults, timers: timers.size }
}
