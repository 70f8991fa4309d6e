import type { Clock } from '../../base/Clock.ts'
import { RequestTimeoutError } from '../../snap/errors.ts'
import type { Owed, OwedAnswers } from './OwedAnswers.ts'
import type { PeerRate } from './PeerRate.ts'
import type { PeerRates } from './PeerRates.ts'
import { requestLimits } from './requestLimits.ts'
import type { WorkKind } from './WorkKind.ts'

export interface RequestTrackerOptions {
  kind: WorkKind
  /** The peer's, one of `rates`. */
  rate: PeerRate
  /** Those of all peers. */
  rates: PeerRates
  /** What the peer owes, shared by its trackers. */
  owed: OwedAnswers
  timers: Clock
  /** Milliseconds of a clock that never goes back. */
  now: () => number
  /** Called when a rest is over, and the tracker can be taken again. */
  onFree: () => void
  /** Of all trackers of the peer and kind. @default the tracker's own */
  streak?: EmptyStreak
}

/**
 * Answers in a row with nothing in them; those to requests that were in flight together count as
 * one.
 */
export interface EmptyStreak {
  empty: number
  /** When the last of them was looked at. */
  at: number
}

/** None yet. */
export function emptyStreak(): EmptyStreak {
  return { empty: 0, at: Number.NEGATIVE_INFINITY }
}

/**
 * The rest after the first answer with nothing in it, and the longest, in ms: each is twice the one
 * before.
 */
const FIRST_REST_MS = 1_000
const MAX_REST_MS = 30_000

/**
 * An answer may take this many times as long as measured and still comes in time. The reference
 * leaves no such room (its requests fill the whole timeout, and a little more), so that on a slow
 * link every request grows until it is too late.
 */
export const LEEWAY = 2

/**
 * A peer's requests of one kind, one at a time, of a size that its link can carry, and none while
 * the peer rests; `RequestWindow` has several of them.
 *
 * - A peer that has nothing of a kind may have it later, or may have what is asked for next, so it
 *   rests and is asked again: with only one peer, there is no one else. A new cycle ends that rest,
 *   as it asks for another state.
 * - A peer that is too slow is asked for the least, and not before everything that came too late,
 *   of any kind, has left its link: else each request waits behind answers that nobody wants any
 *   more, and none ever comes in time. Kinds that are answered in time do not wait for those that
 *   are not: a peer may never answer one of them.
 *
 * @example
 * if (tracker.free) {
 *   tracker.take(client.getAccountRange({ …, bytes: tracker.capacity }, { timeoutMs: tracker.timeoutMs }))
 *   // and, when that is settled, one of: served, empty, timedOut, failed, giveUp
 * }
 */
export class RequestTracker {
  readonly #options: RequestTrackerOptions
  #free = true
  #stopped = false
  /** The timer of a rest, which `#wake` ends: after an empty answer, or until a late one comes. */
  #timer: unknown
  #restsUntil = 0
  /** Whether the rest is one after an empty answer. */
  #idle = false
  readonly #streak: EmptyStreak
  /**
   * The last request: when it went out, what it leaves to be owed, the promise of its answer, and
   * when that came.
   */
  #takenAt = 0
  #owed: Owed | undefined
  #answer: Promise<unknown> = Promise.resolve()
  #answeredAt: number | undefined

  constructor(options: RequestTrackerOptions) {
    this.#options = options
    this.#streak = options.streak ?? emptyStreak()
  }

  get free(): boolean {
    return this.#free
  }

  /** Whether no request may be made though none is in flight. */
  get rests(): boolean {
    return !this.#free && (this.#owed === undefined || this.#owed.late)
  }

  /** Milliseconds until a rest ends at the latest; 0 if the tracker does not rest. */
  get restMs(): number {
    return this.rests ? Math.max(this.#restsUntil - this.#options.now(), 0) : 0
  }

  /**
   * How much to ask for in the next request, in bytes or items: within `requestLimits`, and the
   * least where the link is unknown.
   */
  get capacity(): number {
    const { kind, rate, rates } = this.#options
    const { min, max } = requestLimits[kind]
    return Math.min(Math.max(rate.capacity(kind, rates.targetTimeoutMs / LEEWAY), min), max)
  }

  /**
   * How long the next request may take, in milliseconds: the peers' target, but longer where the
   * peer is known to be too slow for that even with the least, and the limit where it is not known
   * how fast it is. Else a slow peer beside fast ones, or with quick answers of another kind, could
   * never serve.
   */
  get timeoutMs(): number {
    const { rates } = this.#options
    const { targetTimeoutMs, timeoutLimitMs } = rates
    // Nothing is known at 0 bytes per second, which take forever.
    const expectedMs = (this.capacity / this.perSecond) * 1000
    return Math.min(Math.max(LEEWAY * expectedMs, targetTimeoutMs), timeoutLimitMs)
  }

  /** How fast the peer is, in bytes or items per second: the fastest is asked first. */
  get perSecond(): number {
    const { kind, rate } = this.#options
    return rate.perSecond(kind)
  }

  /** When the last request went out; 0 before the first. */
  get takenAt(): number {
    return this.#takenAt
  }

  /**
   * How long its answer took, or takes by now, in milliseconds. The time that it waits for its turn
   * here is not the peer's.
   */
  get tookMs(): number {
    return (this.#answeredAt ?? this.#options.now()) - this.#takenAt
  }

  /**
   * A request for at most `capacity` goes out.
   * @param answer settles when its answer comes, or will not come in time
   */
  take(answer: Promise<unknown>): void {
    const { kind, rates, owed, now } = this.#options
    this.#free = false
    this.#owed = owed.add(rates.timeoutLimitMs * (this.capacity / requestLimits[kind].min))
    this.#takenAt = now()
    this.#answer = answer
    this.#answeredAt = undefined
    const arrived = () => {
      if (this.#answer === answer) this.#answeredAt = now()
    }
    // What a failure means is told by the other methods.
    answer.then(arrived, () => {})
  }

  /**
   * The peer gave something.
   * @param amount bytes or items, as `answerAmount` counts them
   */
  served(amount: number): void {
    this.#streak.empty = 0
    this.#measure(amount)
    this.failed()
  }

  /**
   * The peer had nothing to give, and rests.
   * @returns whether that is news: the answer before it had something, or was of an earlier cycle
   */
  empty(): boolean {
    const streak = this.#streak
    const isMore = streak.empty === 0 || this.#takenAt >= streak.at
    if (isMore) streak.empty++
    streak.at = this.#options.now()
    this.#measure(0)
    this.#settle()
    // An answer may still be waiting its turn when its peer is dismissed.
    if (!this.#stopped) {
      const restMs = Math.min(FIRST_REST_MS * 2 ** (streak.empty - 1), MAX_REST_MS)
      this.#idle = true
      this.#rest(restMs, () => this.#wake())
    }
    return isMore && streak.empty === 1
  }

  /**
   * The answer did not come in time. The peer rests until it comes after all, or until it would
   * have come over the slowest link that can serve, one that carries the smallest request within
   * the timeout limit.
   * @param answered resolves when the answer comes
   */
  timedOut(answered: Promise<void>): void {
    this.#measure(0)
    this.#restUntil(answered)
  }

  /** There was no answer, for a reason that says nothing about the next. */
  failed(): void {
    this.#settle()
    this.#free = true
  }

  /**
   * The answer is not wanted any more, as the cycle that asked for it has ended. The peer rests as
   * it does after a timeout, but is not thought any slower. Does nothing where no request is in
   * flight.
   *
   * The request itself must not be aborted: its promise is what tells that the link is clear.
   */
  giveUp(): void {
    if (this.#owed === undefined || this.#owed.late) return
    const late = (error: unknown) => {
      return error instanceof RequestTimeoutError ? error.answered : undefined
    }
    this.#restUntil(this.#answer.then(() => {}, late))
  }

  /**
   * A new cycle begins: a peer that had nothing may have what is wanted now. A rest that waits for
   * a late answer continues, as the link is still busy.
   */
  renew(): void {
    this.#streak.empty = 0
    if (this.#idle) this.#wake()
  }

  /** The peer has left: ends the rest, and every later one, without a word. */
  stop(): void {
    this.#stopped = true
    this.#idle = false
    this.#options.timers.clearTimeout(this.#timer)
  }

  #measure(amount: number): void {
    const { kind, rate } = this.#options
    rate.update(kind, this.tookMs, amount)
  }

  /** The request is over, and nothing more will come of it. */
  #settle(): void {
    if (this.#owed !== undefined) this.#options.owed.remove(this.#owed)
    this.#owed = undefined
  }

  #restUntil(answered: Promise<void>): void {
    const { kind, rates, owed } = this.#options
    const answer = this.#owed
    if (this.#stopped || answer === undefined) return
    answer.late = true
    owed.whenClear(() => this.#wake())
    // Behind all that was asked for before, and perhaps before what was asked for since. Several of
    // a kind are in flight only where the link was measured as fast: they count as one, the
    // largest.
    const { min, max } = requestLimits[kind]
    const restMs = Math.min(owed.ms, rates.timeoutLimitMs * (max / min))
    this.#rest(restMs, () => owed.remove(answer))
    void answered.then(() => owed.remove(answer))
  }

  #rest(ms: number, end: () => void): void {
    const { timers, now } = this.#options
    this.#restsUntil = now() + ms
    this.#timer = timers.setTimeout(end, ms)
  }

  #wake(): void {
    if (this.#stopped) return
    const { timers, onFree } = this.#options
    timers.clearTimeout(this.#timer)
    this.#idle = false
    this.#owed = undefined
    this.#free = true
    onFree()
  }
}
