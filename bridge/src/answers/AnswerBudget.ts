import { type Clock, systemClock } from 'cambium/server'

export interface AnswerBudgetOptions {
  /** Bytes that may be taken at a time. */
  bytes: number
  /** How long a holder whose answer is there is left alone while others wait, in milliseconds. */
  patienceMs: number
  /** @default those of the platform */
  timers?: Clock
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: () => number
}

/** One who wants bytes. */
export interface Claim {
  /** As many as may be needed; see `shrink`. */
  bytes: number
  /** Gives everything back when it aborts, and the place in the queue. */
  signal: AbortSignal
  /** Called when others have waited for too long: the holder of the bytes must give them back. */
  onEvict: () => void
}

/**
 * Bytes of memory for answers that have not left yet, shared by all peers of a bridge. An answer
 * that finds too few waits, in the order of arrival; meanwhile the longest holders lose theirs.
 */
export class AnswerBudget {
  readonly #patienceMs: number
  readonly #timers: Clock
  readonly #now: () => number
  /**
   * In order of age, with the time since which the answer is there; `undefined` while it is being
   * made.
   */
  readonly #held = new Map<Claim, number | undefined>()
  readonly #waiting = new Map<Claim, () => void>()
  readonly #bytes: number
  #free: number
  #timer: unknown

  constructor(options: AnswerBudgetOptions) {
    const { bytes, patienceMs, timers = systemClock, now = () => performance.now() } = options
    this.#bytes = bytes
    this.#free = bytes
    this.#patienceMs = patienceMs
    this.#timers = timers
    this.#now = now
  }

  /** Bytes that are taken. */
  get heldBytes(): number {
    return this.#bytes - this.#free
  }

  /** How many have taken some. */
  get holders(): number {
    return this.#held.size
  }

  /** How many wait for some. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Takes bytes, at most the whole budget; at once where the signal has aborted.
   * @returns resolves when they are there, to what gives them back; idempotent
   */
  async take(claim: Claim): Promise<() => void> {
    const release = () => {
      claim.signal.removeEventListener('abort', release)
      this.#release(claim)
    }
    if (claim.signal.aborted) return release
    claim.signal.addEventListener('abort', release)
    await new Promise<void>((resolve) => {
      this.#waiting.set(claim, resolve)
      this.#admit()
    })
    return release
  }

  /**
   * The answer is there, and has so many bytes: what is not needed is given back, and patience
   * begins. Before, it was not the peer that others waited for.
   */
  shrink(claim: Claim, bytes: number): void {
    if (!this.#held.delete(claim)) return
    this.#held.set(claim, this.#now())
    if (bytes < claim.bytes) {
      this.#free += claim.bytes - bytes
      claim.bytes = bytes
    }
    this.#admit()
  }

  #release(claim: Claim): void {
    this.#waiting.get(claim)?.()
    this.#waiting.delete(claim)
    if (this.#held.delete(claim)) this.#free += claim.bytes
    this.#admit()
  }

  #admit(): void {
    for (const [claim, resolve] of this.#waiting) {
      if (claim.bytes > this.#free) break
      this.#waiting.delete(claim)
      this.#held.set(claim, undefined)
      this.#free -= claim.bytes
      resolve()
    }
    this.#watch()
  }

  /** Sets the time at which the oldest holder loses its bytes, while somebody waits. */
  #watch(): void {
    this.#timers.clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.size === 0) return
    const oldest = [...this.#held].find(([, since]) => since !== undefined)
    if (oldest === undefined) return
    const [claim, since = 0] = oldest
    const evict = () => {
      claim.onEvict()
      this.#release(claim)
    }
    this.#timer = this.#timers.setTimeout(evict, since + this.#patienceMs - this.#now())
  }
}
