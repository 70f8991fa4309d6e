import {
  emptyStreak,
  LEEWAY,
  RequestTracker,
  type RequestTrackerOptions,
} from './RequestTracker.ts'
import { requestLimits } from './requestLimits.ts'

/**
 * One peer's requests of one kind: one at first, and then as many at a time as will come in time,
 * by how fast its answers came. So a slow link carries one request, and a fast one is never idle
 * while an answer is proven, or the next request is on its way.
 *
 * @example
 * const tracker = window.next
 * if (tracker !== undefined) tracker.take(client.getAccountRange({ …, bytes: tracker.capacity }, { timeoutMs: tracker.timeoutMs }))
 * // and, when that is settled: window.served(tracker, bytes), …
 */
export class RequestWindow {
  readonly #options: RequestTrackerOptions
  readonly #trackers: RequestTracker[]
  readonly #streak = emptyStreak()
  #size = 1
  /** When the size changed last: requests from before say nothing of it. */
  #changedAt = Number.NEGATIVE_INFINITY

  constructor(options: Omit<RequestTrackerOptions, 'streak'>) {
    this.#options = { ...options, streak: this.#streak }
    this.#trackers = Array.from({ length: requestLimits[options.kind].inFlight }, () => {
      return new RequestTracker(this.#options)
    })
  }

  /**
   * The tracker of the next request; `undefined` while as many are in flight as may be, or the peer
   * rests.
   */
  get next(): RequestTracker | undefined {
    if (this.#trackers.some((tracker) => tracker.rests)) return undefined
    const free = this.#trackers.filter((tracker) => tracker.free)
    return this.#trackers.length - free.length < this.#size ? free[0] : undefined
  }

  /**
   * Whether the peer has had nothing to give since the cycle began, or since it last gave
   * something.
   */
  get isEmpty(): boolean {
    return this.#streak.empty > 0
  }

  /** Whether a request is in flight. */
  get isAsked(): boolean {
    return this.#trackers.some((tracker) => !tracker.free && !tracker.rests)
  }

  /** Milliseconds until the peer has rested; 0 if it does not rest. */
  get restMs(): number {
    return Math.max(...this.#trackers.map(({ restMs }) => restMs))
  }

  /** How many requests may be in flight. */
  get size(): number {
    return this.#size
  }

  /** See `RequestTracker.perSecond`. */
  get perSecond(): number {
    return this.#trackers[0]!.perSecond
  }

  /** When the last request went out; 0 before the first. */
  get takenAt(): number {
    return Math.max(...this.#trackers.map(({ takenAt }) => takenAt))
  }

  /** See `RequestTracker.served`. */
  served(tracker: RequestTracker, amount: number): void {
    const { kind, rates } = this.#options
    tracker.served(amount)
    if (tracker.takenAt <= this.#changedAt) return
    const inTimeMs = rates.targetTimeoutMs / LEEWAY
    const { tookMs } = tracker
    if (tookMs > inTimeMs) this.#setDepth(this.#size - 1)
    const { max } = requestLimits[kind]
    if (tracker.capacity < max || amount === 0) return
    // All that is in flight shares the link: with twice as many, each takes twice as long at worst,
    // and a full one as much longer as it is larger. At once as many as come in time, as with one
    // more each time a fast link is half idle for a tenth of a second.
    const aloneMs = (tookMs / this.#size) * Math.max(max / amount, 1)
    this.#setDepth(Math.max(Math.floor(inTimeMs / aloneMs), this.#size))
  }

  /** See `RequestTracker.empty`. */
  empty(tracker: RequestTracker): boolean {
    this.#setDepth(1)
    return tracker.empty()
  }

  /** See `RequestTracker.timedOut`. */
  timedOut(tracker: RequestTracker, answered: Promise<void>): void {
    this.#setDepth(1)
    tracker.timedOut(answered)
  }

  /** See `RequestTracker.giveUp`. */
  giveUp(): void {
    for (const tracker of this.#trackers) tracker.giveUp()
  }

  /** See `RequestTracker.renew`. */
  renew(): void {
    for (const tracker of this.#trackers) tracker.renew()
  }

  /** See `RequestTracker.stop`. */
  stop(): void {
    for (const tracker of this.#trackers) tracker.stop()
  }

  #setDepth(size: number): void {
    const next = Math.min(Math.max(size, 1), this.#trackers.length)
    if (next === this.#size) return
    this.#size = next
    this.#changedAt = this.#options.now()
  }
}
