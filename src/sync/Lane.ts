import type { Timers } from '../snap/Timers.ts'

export interface LaneOptions {
  timers: Timers
  /** Called when a rest is over, and the lane can be taken again. */
  onFree: () => void
}

/** The rest after the first answer with nothing in it, and the longest, in ms: each is twice the one before. */
const FIRST_REST_MS = 1_000
const MAX_REST_MS = 30_000

/**
 * One peer's requests of one kind: one at a time, and none while the peer rests. A peer that has nothing of a kind may have
 * it later, or may have what is asked for next, so it rests and is asked again: with only one peer, there is no one else.
 */
export class Lane {
  readonly #options: LaneOptions
  #free = true
  #stopped = false
  #rest: unknown
  /** Answers in a row with nothing in them. */
  #empty = 0

  constructor(options: LaneOptions) {
    this.#options = options
  }

  get free(): boolean {
    return this.#free
  }

  /** A request goes out; one of the following tells how it ended. */
  take(): void {
    this.#free = false
  }

  /** The peer gave something. */
  served(): void {
    this.#empty = 0
    this.#free = true
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

  /** There was no answer, for a reason that says nothing about the next. */
  failed(): void {
    this.#free = true
  }

  /** The peer has left: ends the rest, and every later one, without a word. */
  stop(): void {
    this.#stopped = true
    this.#options.timers.clearTimeout(this.#rest)
  }

  #sleep(ms: number): void {
    const { timers, onFree } = this.#options
    // An answer may still be waiting its turn when its peer is dismissed.
    if (this.#stopped) return
    this.#rest = timers.setTimeout(() => {
      this.#free = true
      onFree()
    }, ms)
  }
}
