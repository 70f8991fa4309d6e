/** Bounds of the divisor, and what a step does to it: the reference's figures. */
const MIN_DIVISOR = 1
const MAX_DIVISOR = 1024
const INCREASE = 1.33
const DECREASE = 1.25

/** Milliseconds from one step to the next. */
const STEP_MS = 1000

/** What each node counts for in the rate. */
const RATE_IMPACT = 0.005

/**
 * Keeps peers from delivering faster than nodes can be taken in: divides the size of requests by
 * more while more than what two seconds take waits, else by less.
 *
 * The reference begins at the divisor 1024, and takes 31 s to come down from there: it has many
 * peers and a thread for each to decode, and may be flooded before it knows its rate. Here it
 * begins at 1. One thread does everything, some ten peers have one request each, and the first of
 * each is for 128 nodes (`requestLimits`): even if all ask for the most at once, what waits is 10 ×
 * 1024 nodes of up to 532 bytes, 5 MB.
 */
export class HealThrottle {
  #divisor = MIN_DIVISOR
  /** Nodes taken in per second. */
  #rate = 0
  /** Nodes that have come and are not taken in. */
  #waiting = 0
  #steppedAt: number
  readonly #now: () => number

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now
    this.#steppedAt = now()
  }

  /** By how much to divide the size of a request; from 1 to 1024. */
  get divisor(): number {
    return this.#divisor
  }

  /** Nodes have come and wait. */
  arrived(nodes: number): void {
    this.#waiting += nodes
  }

  /** Nodes that have come wait no more: it is their turn, or nobody wants them. */
  left(nodes: number): void {
    this.#waiting -= nodes
  }

  /** Nodes were taken in, which took so many milliseconds. */
  taken(nodes: number, ms: number): void {
    // A clock may stand still for so few nodes: browsers round it to up to a millisecond.
    const rate = (nodes * 1000) / Math.max(ms, 1)
    this.#rate = (1 - RATE_IMPACT) ** nodes * (this.#rate - rate) + rate
    if (this.#now() - this.#steppedAt < STEP_MS) return
    this.#steppedAt = this.#now()
    this.#divisor =
      this.#waiting > 2 * this.#rate
        ? Math.min(this.#divisor * INCREASE, MAX_DIVISOR)
        : Math.max(this.#divisor / DECREASE, MIN_DIVISOR)
  }
}
