import { LruMap } from 'cambium/server'
export interface BenchOptions {
  /** Faults that are let pass within `ms`; one more bans the peer. @default 2 */
  faults?: number
  /** How long a fault counts, and how long one is banned, in milliseconds. @default 60 000 */
  ms?: number
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: () => number
}

/** More than that are not remembered: the oldest are forgiven. */
const MAX_REMEMBERED = 4096

/**
 * Remembers peers that broke the protocol. One fault may be a bug, or a page that went to sleep. A
 * peer that makes more is refused for a while, since each new connection costs a handshake.
 */
export class TemporaryBans {
  readonly #faults: number
  readonly #ms: number
  readonly #now: () => number
  /** Times of the last faults by peer, in the order of the last fault. */
  readonly #times = new LruMap<string, number[]>(MAX_REMEMBERED)

  constructor({ faults = 2, ms = 60_000, now = () => performance.now() }: BenchOptions = {}) {
    this.#faults = faults
    this.#ms = ms
    this.#now = now
  }

  /** @returns whether that was one too many */
  note(who: string): boolean {
    const times = [...this.#recent(who), this.#now()].slice(-this.#faults - 1)
    this.#times.set(who, times)
    return times.length > this.#faults
  }

  has(who: string): boolean {
    return this.#recent(who).length > this.#faults
  }

  /** Those who are banned sit for as long as their last fault counts, not their first. */
  #recent(who: string): number[] {
    const times = this.#times.get(who) ?? []
    const since = this.#now() - this.#ms
    if (times.length > this.#faults && times.at(-1)! > since) return times
    return times.filter((time) => time > since)
  }
}
