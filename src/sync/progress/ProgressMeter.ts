import { type Clock, systemClock } from '../../base/Clock.ts'
import type { Block } from '../../chain/Block.ts'
import { addedCounts, noCounts, withoutCounts } from './counts.ts'
import type { HealedCounts, Phase, Progress, SyncCounts, SyncedCounts } from './Progress.ts'
import { STALL_AFTER_MS, stall, type Wait } from './Stall.ts'

/** Progress events are at least this far apart, in milliseconds, but for those of a new phase. */
const INTERVAL_MS = 100
/**
 * With these, no more within one second: syncs that follow each other fast. The tenth is the last
 * one of a run, which never waits.
 */
const MOST_PER_SECOND = 9
/**
 * Without news an event comes this often, in milliseconds: the rate of a stalled sync must be seen
 * to fall.
 */
const HEARTBEAT_MS = 1_000
/**
 * The rate is taken over this stretch, in milliseconds: long enough to be calm, short enough to
 * show a stall.
 */
const RATE_WINDOW_MS = 3_000
/**
 * An estimate of the time left is withheld until this much has passed, in milliseconds, and 1 % is
 * done.
 */
const ETA_AFTER_MS = 1_000

/**
 * Turns what syncs count into `Progress`, at most ten times a second, the last state never
 * withheld. One serves all the syncs of a run, one after the other.
 */
export class ProgressMeter {
  readonly #emit: (progress: Progress) => void
  readonly #now: () => number
  readonly #timers: Clock
  readonly #started: number
  #progress: Progress
  /** When the last events were sent, at most `MOST_PER_SECOND`. */
  readonly #sent: number[] = []
  /** The next event that comes by itself. */
  #alarm: { at: number; timer: unknown } | undefined
  /** Whether something changed since the last event. */
  #withheld = false
  #stopped = false
  /** Times and received bytes, the oldest at most `RATE_WINDOW_MS` old. */
  #samples: { at: number; bytes: number }[] = []
  #phaseStart: { at: number; fraction: number }
  #movedAt: number
  /** What the runs before this one counted. */
  #before: SyncCounts = noCounts()
  /** Tells what is waited for; `undefined` if nothing is. */
  waitsFor: (() => Wait | undefined) | undefined

  /** @param now milliseconds of a clock that never goes back */
  constructor(emit: (progress: Progress) => void, now: () => number, timers: Clock = systemClock) {
    this.#emit = emit
    this.#now = now
    this.#timers = timers
    this.#started = now()
    this.#movedAt = this.#started
    this.#progress = idleProgress()
    this.#phaseStart = { at: this.#started, fraction: 0 }
  }

  get progress(): Progress {
    return this.#progress
  }

  /**
   * Begins before the first phase does: events come now and then, which tell what is waited for.
   */
  begin(stored: Pick<Progress, 'accounts' | 'slots' | 'codes'>): void {
    this.#progress = { ...this.#progress, ...stored }
    this.#moved()
    this.#alarmIn(HEARTBEAT_MS)
  }

  /** Continues the counts of the runs before this one. */
  restore(before: SyncCounts): void {
    this.#before = before
    const { synced, healed } = this.#progress.thisRun
    this.#progress = {
      ...this.#progress,
      synced: addedCounts(before.synced, synced),
      healed: addedCounts(before.healed, healed),
    }
  }

  /** Begins a phase, or begins it anew; its fraction may be above 0 after a resume. */
  enter(phase: Phase, fraction: number, change: Partial<Progress> = {}): void {
    this.#stopped = false
    this.#phaseStart = { at: this.#now(), fraction }
    this.#progress = { ...this.#progress, phase, fraction }
    this.#moved()
    this.update(change, true)
  }

  /** Names the block whose state is synced from now on. */
  moveTo(pivot: Block): void {
    const moved = this.#progress.pivot === undefined ? 0 : 1
    this.update({ pivot, pivotMoves: this.#progress.pivotMoves + moved })
  }

  received(bytes: number): void {
    this.update({ bytes: this.#progress.bytes + bytes })
  }

  /** Adds what ranges brought. */
  synced(more: Partial<SyncedCounts>): void {
    this.update({ synced: addedCounts(this.#progress.synced, more) })
  }

  /** Adds what healing brought. */
  healed(more: Partial<HealedCounts>): void {
    this.update({ healed: addedCounts(this.#progress.healed, more) })
  }

  /** @param now whether the event must not wait for its turn */
  update(change: Partial<Omit<Progress, 'phase'>>, now = false): void {
    // A task that starts again after damage must not let the bar jump back.
    const fraction = Math.max(change.fraction ?? 0, this.#progress.fraction)
    const before = this.#progress
    this.#progress = { ...before, ...change, fraction }
    if (change.synced !== undefined || change.healed !== undefined) {
      const { synced, healed } = this.#progress
      this.#progress.thisRun = {
        synced: withoutCounts(synced, this.#before.synced),
        healed: withoutCounts(healed, this.#before.healed),
      }
    }
    if (hasMoved(before, this.#progress)) this.#moved()
    if (this.#stopped) return
    this.#withheld = true
    const wait = this.#due(now) - this.#now()
    if (wait > 0) this.#alarmIn(wait)
    else this.#send()
  }

  /** Sends what was withheld; nothing is sent after it, until a phase is entered again. */
  stop(): void {
    if (this.#withheld) this.#send()
    this.#stopped = true
    this.#timers.clearTimeout(this.#alarm?.timer)
    this.#alarm = undefined
  }

  /** When the next event may be sent. */
  #due(now: boolean): number {
    const spaced = now ? 0 : (this.#sent.at(-1) ?? Number.NEGATIVE_INFINITY) + INTERVAL_MS
    const rationed = this.#sent.length < MOST_PER_SECOND ? 0 : this.#sent[0]! + 1_000
    return Math.max(spaced, rationed)
  }

  #send(): void {
    const at = this.#now()
    this.#sent.push(at)
    if (this.#sent.length > MOST_PER_SECOND) this.#sent.shift()
    this.#withheld = false
    this.#progress = {
      ...this.#progress,
      elapsedMs: at - this.#started,
      bytesPerSecond: this.#rate(at),
      etaSeconds: this.#eta(at),
      stalled: this.#stall(at),
    }
    this.#timers.clearTimeout(this.#alarm?.timer)
    this.#alarm = undefined
    this.#alarmIn(HEARTBEAT_MS)
    this.#emit(this.#progress)
  }

  #moved(): void {
    this.#movedAt = this.#now()
    this.#progress.stalled = undefined
  }

  #stall(at: number): Progress['stalled'] {
    const quietMs = at - this.#movedAt
    const wait = quietMs < STALL_AFTER_MS ? undefined : this.waitsFor?.()
    return wait && stall(wait, quietMs)
  }

  /** Sees to it that an event comes within `ms`. */
  #alarmIn(ms: number): void {
    const at = this.#now() + ms
    if (this.#alarm !== undefined && this.#alarm.at <= at) return
    this.#timers.clearTimeout(this.#alarm?.timer)
    this.#alarm = { at, timer: this.#timers.setTimeout(() => this.#send(), ms) }
  }

  #rate(at: number): number {
    this.#samples.push({ at, bytes: this.#progress.bytes })
    while (at - this.#samples[0]!.at > RATE_WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0]!
    return at === first.at ? 0 : ((this.#progress.bytes - first.bytes) * 1_000) / (at - first.at)
  }

  #eta(at: number): number | undefined {
    const elapsed = at - this.#phaseStart.at
    const done = this.#progress.fraction - this.#phaseStart.fraction
    if (elapsed < ETA_AFTER_MS || done < 0.01) return undefined
    return ((elapsed / done) * (1 - this.#progress.fraction)) / 1_000
  }
}

/** The progress of a sync that has not begun. */
export function idleProgress(): Progress {
  return {
    phase: 'idle',
    fraction: 0,
    accounts: 0,
    slots: 0,
    codes: 0,
    ...noCounts(),
    thisRun: noCounts(),
    healing: { nodes: 0, codes: 0 },
    pivot: undefined,
    pivotMoves: 0,
    bytes: 0,
    bytesPerSecond: 0,
    etaSeconds: undefined,
    peers: 0,
    stalled: undefined,
    elapsedMs: 0,
  }
}

/**
 * Whether a sync has come further; bytes that prove nothing, and peers that come and go, do not
 * count.
 */
function hasMoved(before: Progress, after: Progress): boolean {
  const moves = ['fraction', 'accounts', 'slots', 'codes', 'synced'] as const
  const { healed } = before
  const isHealed = after.healed.nodes !== healed.nodes || after.healed.codes !== healed.codes
  return isHealed || moves.some((name) => before[name] !== after[name])
}
