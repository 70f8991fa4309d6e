import { emptyStreak, Lane, type LaneOptions, LEEWAY } from './RequestTracker.ts'
import { requestLimits } from './requestLimits.ts'

/**
 * One peer's requests of one kind: one at first, and then as many at a time as will come in time, by how fast its answers came. So a
 * slow link carries one request, and a fast one is never idle while an answer is proven, or the next request is on its way.
 *
 * @example
 * const lane = pipeline.next
 * if (lane !== undefined) lane.take(client.getAccountRange({ …, bytes: lane.capacity }, { timeoutMs: lane.timeoutMs }))
 * // and, when that is settled: pipeline.served(lane, bytes), …
 */
export class Pipeline {
  readonly #options: LaneOptions
  readonly #lanes: Lane[]
  #depth = 1
  /** When the depth changed last: requests from before say nothing of it. */
  #changedAt = Number.NEGATIVE_INFINITY

  constructor(options: Omit<LaneOptions, 'streak'>) {
    this.#options = { ...options, streak: emptyStreak() }
    this.#lanes = Array.from({ length: requestLimits[options.kind].inFlight }, () => {
      return new Lane(this.#options)
    })
  }

  /** The lane of the next request; `undefined` while as many are in flight as may be, or the peer rests. */
  get next(): Lane | undefined {
    if (this.#lanes.some((lane) => lane.rests)) return undefined
    const free = this.#lanes.filter((lane) => lane.free)
    return this.#lanes.length - free.length < this.#depth ? free[0] : undefined
  }

  /** How many requests may be in flight. */
  get depth(): number {
    return this.#depth
  }

  /** See `Lane.perSecond`. */
  get perSecond(): number {
    return this.#lanes[0]!.perSecond
  }

  /** When the last request went out; 0 before the first. */
  get takenAt(): number {
    return Math.max(...this.#lanes.map(({ takenAt }) => takenAt))
  }

  /** See `Lane.served`. */
  served(lane: Lane, amount: number): void {
    const { kind, rates } = this.#options
    lane.served(amount)
    if (lane.takenAt <= this.#changedAt) return
    const inTimeMs = rates.targetTimeoutMs / LEEWAY
    const { tookMs } = lane
    if (tookMs > inTimeMs) this.#setDepth(this.#depth - 1)
    const { max } = requestLimits[kind]
    if (lane.capacity < max || amount === 0) return
    // All that is in flight shares the link: with twice as many, each takes twice as long at worst, and a full one as much longer as
    // it is larger. At once as many as come in time, as with one more each time a fast link is half idle for a tenth of a second.
    const aloneMs = (tookMs / this.#depth) * Math.max(max / amount, 1)
    this.#setDepth(Math.max(Math.floor(inTimeMs / aloneMs), this.#depth))
  }

  /** See `Lane.empty`. */
  empty(lane: Lane): boolean {
    this.#setDepth(1)
    return lane.empty()
  }

  /** See `Lane.timedOut`. */
  timedOut(lane: Lane, answered: Promise<void>): void {
    this.#setDepth(1)
    lane.timedOut(answered)
  }

  /** See `Lane.giveUp`. */
  giveUp(): void {
    for (const lane of this.#lanes) lane.giveUp()
  }

  /** See `Lane.renew`. */
  renew(): void {
    for (const lane of this.#lanes) lane.renew()
  }

  /** See `Lane.stop`. */
  stop(): void {
    for (const lane of this.#lanes) lane.stop()
  }

  #setDepth(depth: number): void {
    const next = Math.min(Math.max(depth, 1), this.#lanes.length)
    if (next === this.#depth) return
    this.#depth = next
    this.#changedAt = this.#options.now()
  }
}
