import { systemTimers, type Timers } from '../snap/Timers.ts'
import type { Phase, Progress } from './Progress.ts'

/** Progress events are at least this far apart, in milliseconds: at most ten a second. */
const INTERVAL_MS = 100
/** Without news an event comes this often, in milliseconds: the rate of a stalled sync must be seen to fall. */
const HEARTBEAT_MS = 1_000
/** The rate is taken over this stretch, in milliseconds: long enough to be calm, short enough to show a stall. */
const RATE_WINDOW_MS = 3_000
/** An estimate of the time left is withheld until this much has passed, in milliseconds, and 1 % is done. */
const ETA_AFTER_MS = 1_000

/** Turns what the sync counts into `Progress`, at most ten times a second, the last state never withheld. */
export class ProgressMeter {
  readonly #emit: (progress: Progress) => void
  readonly #now: () => number
  readonly #timers: Timers
  readonly #started: number
  #progress: Progress
  #lastEmit = Number.NEGATIVE_INFINITY
  /** The next event that comes by itself. */
  #alarm: { at: number; timer: unknown } | undefined
  /** Whether something changed since the last event. */
  #withheld = false
  #stopped = false
  /** Times and received bytes, the oldest at most `RATE_WINDOW_MS` old. */
  #samples: { at: number; bytes: number }[] = []
  #phaseStart: { at: number; fraction: number }

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    emit: (progress: Progress) => void,
    now: () => number,
    timers: Timers = systemTimers,
  ) {
    this.#emit = emit
    this.#now = now
    this.#timers = timers
    this.#started = now()
    this.#progress = idleProgress()
    this.#phaseStart = { at: this.#started, fraction: 0 }
  }

  get progress(): Progress {
    return this.#progress
  }

  /** Begins a phase, whose fraction may be above 0 after a resume. */
  enter(phase: Phase, fraction: number, change: Partial<Progress> = {}): void {
    this.#phaseStart = { at: this.#now(), fraction }
    this.update({ ...change, phase, fraction }, true)
  }

  received(bytes: number): void {
    this.update({ bytes: this.#progress.bytes + bytes })
  }

  /** @param now whether the event must be sent at once */
  update(change: Partial<Progress>, now = false): void {
    if (this.#stopped) return
    const at = this.#now()
    // A task that starts again after damage must not let the bar jump back.
    const samePhase = (change.phase ?? this.#progress.phase) === this.#progress.phase
    const fraction = Math.max(
      change.fraction ?? this.#progress.fraction,
      samePhase ? this.#progress.fraction : 0,
    )
    this.#progress = { ...this.#progress, ...change, fraction }
    this.#withheld = true
    const wait = now ? 0 : this.#lastEmit + INTERVAL_MS - at
    if (wait > 0) this.#alarmIn(wait)
    else this.#send()
  }

  /** Sends what was withheld; nothing is sent after it. */
  stop(): void {
    if (this.#withheld) this.#send()
    this.#stopped = true
    this.#timers.clearTimeout(this.#alarm?.timer)
  }

  #send(): void {
    const at = this.#now()
    this.#lastEmit = at
    this.#withheld = false
    this.#progress = {
      ...this.#progress,
      elapsedMs: at - this.#started,
      bytesPerSecond: this.#rate(at),
      etaSeconds: this.#eta(at),
    }
    this.#timers.clearTimeout(this.#alarm?.timer)
    this.#alarm = undefined
    this.#alarmIn(HEARTBEAT_MS)
    this.#emit(this.#progress)
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
    bytes: 0,
    bytesPerSecond: 0,
    etaSeconds: undefined,
    peers: 0,
    elapsedMs: 0,
  }
}
