import { PeerRate, type Throughput } from './PeerRate.ts'
import type { WorkKind } from './WorkKind.ts'

export interface PeerRatesOptions {
  /** Milliseconds of a clock that never goes back. */
  now: () => number
  /** The longest that a request waits for its answer, in milliseconds. @default 60 000 */
  timeoutLimitMs?: number
}

/** Bounds of the round trip that is assumed of all peers together, in ms. */
const MIN_ROUND_TRIP_MS = 2_000
const MAX_ROUND_TRIP_MS = 20_000

/** What the peers' present round trip counts for against the one that was assumed so far. */
const TUNING_IMPACT = 0.25

/** With as many peers as this, one more does not make what is known of them less certain. */
const MANY_PEERS = 10
const MIN_CONFIDENCE = 0.1

/** A request may take this many round trips, more where the round trip is uncertain. */
const TIMEOUT_ROUND_TRIPS = 3

const KINDS: readonly WorkKind[] = ['accounts', 'storage', 'codes', 'healNodes', 'healCodes']

/**
 * How fast the peers of one pool answer. Gives each its `PeerRate`, and finds from all of them how
 * long a request may take: peers that are fast together are given up on sooner.
 *
 * The same as the `Trackers` of go-ethereum (p2p/msgrate). Has no timers: it tunes itself when it
 * is read, at most once per round trip.
 *
 * @example
 * const rates = new PeerRates({ now: () => performance.now() })
 * const rate = rates.add()
 * rates.targetTimeoutMs // 60 000 at first, 6 000 after some minutes with fast peers
 * rates.remove(rate)
 */
export class PeerRates {
  readonly timeoutLimitMs: number
  readonly #now: () => number
  readonly #rates = new Set<PeerRate>()
  #roundTripMs = MAX_ROUND_TRIP_MS
  /** From 0.1 to 1. */
  #confidence = 1
  #tunedAt: number

  constructor({ now, timeoutLimitMs = 60_000 }: PeerRatesOptions) {
    this.timeoutLimitMs = timeoutLimitMs
    this.#now = now
    this.#tunedAt = now()
  }

  /**
   * A peer has joined: it is taken for as fast as the others are on average, or, without others,
   * for unknown.
   */
  add(): PeerRate {
    const rate = new PeerRate(this.#meanThroughput(), this.#medianRoundTripMs())
    this.#rates.add(rate)
    this.#detune()
    return rate
  }

  /** A peer has left. */
  remove(rate: PeerRate): void {
    this.#rates.delete(rate)
  }

  /**
   * The round trip that is assumed of the peers together, in milliseconds: from 2 000 to 20 000.
   */
  get roundTripMs(): number {
    this.#tune()
    return this.#roundTripMs
  }

  /**
   * How sure it is, from 0.1 to 1: falls with every peer that joins while there are few, and
   * recovers with time.
   */
  get confidence(): number {
    this.#tune()
    return this.#confidence
  }

  /**
   * How long to wait for an answer, in milliseconds: three round trips, more where they are
   * uncertain, up to the limit.
   */
  get targetTimeoutMs(): number {
    this.#tune()
    return Math.min(
      (TIMEOUT_ROUND_TRIPS * this.#roundTripMs) / this.#confidence,
      this.timeoutLimitMs,
    )
  }

  #tune(): void {
    const time = this.#now()
    if (time - this.#tunedAt <= this.#roundTripMs) return
    const median = this.#medianRoundTripMs()
    this.#roundTripMs = (1 - TUNING_IMPACT) * this.#roundTripMs + TUNING_IMPACT * median
    this.#confidence += (1 - this.#confidence) / 2
    this.#tunedAt = time
  }

  #detune(): void {
    const peers = this.#rates.size
    if (peers === 1) {
      // Nobody else is there to wait for.
      this.#confidence = 1
    } else if (peers < MANY_PEERS) {
      this.#confidence = Math.max((this.#confidence * (peers - 1)) / peers, MIN_CONFIDENCE)
    }
  }

  /**
   * Not the middle of the sorted round trips but nearer to their fast end: requests go to fast
   * peers first.
   */
  #medianRoundTripMs(): number {
    const sorted = Array.from(this.#rates, ({ roundTripMs }) => roundTripMs).sort((a, b) => a - b)
    // One peer has index 1, which is out of its list.
    const place = Math.min(Math.floor(Math.sqrt(sorted.length)), sorted.length - 1)
    const median = sorted[place] ?? MAX_ROUND_TRIP_MS
    return Math.min(Math.max(median, MIN_ROUND_TRIP_MS), MAX_ROUND_TRIP_MS)
  }

  #meanThroughput(): Throughput {
    const mean: Throughput = {}
    for (const kind of KINDS) {
      let sum = 0
      for (const rate of this.#rates) sum += rate.perSecond(kind)
      if (sum > 0) mean[kind] = sum / this.#rates.size
    }
    return mean
  }
}
