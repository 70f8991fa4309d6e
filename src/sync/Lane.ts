import type { Timers } from '../snap/Timers.ts'

export interface LaneOptions {
  timers: Timers
  /** Milliseconds of a clock that never goes back. */
  now: () => number
  /** How long a request waits for its answer, in milliseconds. */
  timeoutMs: number
  /** Called when a rest is over, and the lane can be taken again. */
  onFree: () => void
}

/** The rest after the first answer with nothing in it, and the longest, in ms: each is twice the one before. */
const FIRST_REST_MS = 1_000
const MAX_REST_MS = 30_000

/** Bytes of the smallest request and of the largest: the reference's figures (2^16 and 2^19). */
const MIN_REQUEST_BYTES = 64 * 1024
const MAX_REQUEST_BYTES = 512 * 1024

/**
 * One peer's requests of one kind: one at a time, of a size that its link can carry, and none while the peer rests.
 *
 * - A peer that has nothing of a kind may have it later, or may have what is asked for next, so it rests and is asked again:
 *   with only one peer, there is no one else.
 * - A peer that is too slow is asked for half as much, and not before what was asked for last has left its link:
 *   else each request waits behind answers that nobody wants any more, and none ever comes in time.
 */
export class Lane {
  readonly #options: LaneOptions
  #free = true
  #stopped = false
  #rest: unknown
  /** Answers in a row with nothing in them. */
  #empty = 0
  /** Small at first: a link of which nothing is known may be slow. */
  #bytes = MIN_REQUEST_BYTES
  #takenAt = 0

  constructor(options: LaneOptions) {
    this.#options = options
  }

  get free(): boolean {
    return this.#free
  }

  /** Bytes to ask for in the next request. */
  get bytes(): number {
    return this.#bytes
  }

  /** A request for `bytes` goes out; one of the following tells how it ended. */
  take(): void {
    this.#free = false
    this.#takenAt = this.#options.now()
  }

  /** The peer gave something. */
  served(): void {
    const { now, timeoutMs } = this.#options
    this.#empty = 0
    this.#free = true
    // Twice as much would still have come in time.
    if (now() - this.#takenAt < timeoutMs / 2) {
      this.#bytes = Math.min(this.#bytes * 2, MAX_REQUEST_BYTES)
    }
  }

  /**
   * The peer had nothing to give, and rests.
   * @returns whether that is news: the answer before it had something
   */
  empty(): boolean {
    const restMs = Math.min(FIRST_REST_MS * 2 ** this.#empty, MAX_REST_MS)
    this.#sleep(restMs)
    return this.#empty++ === 0
  }

  /**
   * The answer did not come in time. The peer rests until it comes after all, or until it would have come over the slowest
   * link that can serve, one that carries the smallest request in the time of a request.
   * @param answered resolves when the answer comes
   */
  timedOut(answered: Promise<void>): void {
    const graceMs = this.#options.timeoutMs * (this.#bytes / MIN_REQUEST_BYTES)
    this.#bytes = Math.max(this.#bytes / 2, MIN_REQUEST_BYTES)
    this.#sleep(graceMs, answered)
  }

  /** There was no answer, for a reason that says nothing about the next. */
  failed(): void {
    this.#free = true
  }

  /** The peer has left: ends the rest, and every later one, without a word. */
  stop(): void {
    this.#stopped = true
    this.#options.timers.clearTimeout(this.#rest)
    this.#rest = undefined
  }

  /** Until the time is over, or `early` resolves. */
  #sleep(ms: number, early?: Promise<void>): void {
    // An answer may still be waiting its turn when its peer is dismissed.
    if (this.#stopped) return
    const { timers, onFree } = this.#options
    const wake = () => {
      if (this.#rest !== rest) return
      timers.clearTimeout(rest)
      this.#rest = undefined
      this.#free = true
      onFree()
    }
    const rest = timers.setTimeout(wake, ms)
    this.#rest = rest
    void early?.then(wake)
  }
}
