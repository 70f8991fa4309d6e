import type { WorkKind } from './WorkKind.ts'

/** What a new measurement counts for against all those before it. */
const MEASUREMENT_IMPACT = 0.1

/** Asking for a little more than was measured lets a peer show that it can do better. */
const OVERESTIMATION = 1.01

/** The largest request size, so that it fits a signed integer of 32 bits. */
const MAX_CAPACITY = 2 ** 31 - 1

/**
 * The shortest time that a measurement can have taken, in ms. A browser's clock may be as coarse as
 * a millisecond, and one answer in no time at all would count for more than all that follow it.
 */
const MIN_ELAPSED_MS = 1

/** Bytes or items per second, by kind of request; a kind that is missing is 0. */
export type Throughput = Partial<Record<WorkKind, number>>

/**
 * How fast one peer answers: moving averages of its throughput for each kind of request, and of its
 * round trip.
 *
 * The same as the `Tracker` of go-ethereum (p2p/msgrate), except for the shortest time, which is a
 * nanosecond there. Has no clock and no timers.
 *
 * @example
 * const rate = rates.add()
 * rate.update('accounts', 500, 65_536) // 64 KiB came in half a second
 * rate.capacity('accounts', 10_000) // bytes to ask for, if the answer is to come within 10 s
 */
export class PeerRate {
  readonly #perSecond: Throughput
  #roundTripMs: number

  /**
   * @param perSecond what is assumed of its throughput
   * @param roundTripMs what is assumed of its round trip, in milliseconds
   */
  constructor(perSecond: Throughput, roundTripMs: number) {
    this.#perSecond = { ...perSecond }
    this.#roundTripMs = roundTripMs
  }

  /** Average time between a request of any kind and its answer, in milliseconds. */
  get roundTripMs(): number {
    return this.#roundTripMs
  }

  /**
   * Average throughput: bytes or items per second; 0 where nothing is known, or the last request
   * brought nothing.
   */
  perSecond(kind: WorkKind): number {
    return this.#perSecond[kind] ?? 0
  }

  /**
   * How much to ask for, if the answer is to come within a time.
   *
   * @param targetMs that time, in milliseconds
   * @returns bytes or items, a whole number from 1 to 2^31 − 1
   */
  capacity(kind: WorkKind, targetMs: number): number {
    const throughput = (this.perSecond(kind) * targetMs) / 1000
    return Math.min(Math.max(Math.ceil(1 + OVERESTIMATION * throughput), 1), MAX_CAPACITY)
  }

  /**
   * Takes in how a request went.
   *
   * @param elapsedMs time between the request and its answer, in milliseconds
   * @param amount bytes or items in the answer; 0 where none came in time or there was nothing in
   *   it, which sets the throughput to 0 at once and says nothing of the round trip
   */
  update(kind: WorkKind, elapsedMs: number, amount: number): void {
    if (amount === 0) {
      this.#perSecond[kind] = 0
      return
    }
    const tookMs = Math.max(elapsedMs, MIN_ELAPSED_MS)
    this.#perSecond[kind] = average(this.perSecond(kind), (amount * 1000) / tookMs)
    this.#roundTripMs = average(this.#roundTripMs, tookMs)
  }
}

function average(before: number, measured: number): number {
  return (1 - MEASUREMENT_IMPACT) * before + MEASUREMENT_IMPACT * measured
}
