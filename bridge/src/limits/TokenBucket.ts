export interface TokenBucketOptions {
  /** How much comes back in a second; `Infinity` for no limit. */
  perSecond: number
  /** How much there is at most, and at first. @default that of one second */
  burst?: number
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: () => number
}

/**
 * An amount that comes back at a steady rate. More may be taken than there is: who does so waits
 * until it is made up for.
 */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  readonly #now: () => number
  #level: number
  #at: number

  constructor({ perSecond, burst = perSecond, now = () => performance.now() }: TokenBucketOptions) {
    this.#perMs = perSecond / 1000
    this.#burst = burst
    this.#now = now
    this.#level = burst
    this.#at = now()
  }

  /** Milliseconds until something is there again; 0 where there is. */
  get waitMs(): number {
    const level = this.#refill()
    return level > 0 ? 0 : Math.max(1, Math.ceil(-level / this.#perMs))
  }

  /** Whether it holds as much as it can: such a bucket is like a new one. */
  get full(): boolean {
    return this.#refill() >= this.#burst
  }

  take(amount: number): void {
    this.#level = this.#refill() - amount
  }

  /** Takes where there is as much. */
  tryTake(amount: number): boolean {
    if (this.#refill() < amount) return false
    this.take(amount)
    return true
  }

  #refill(): number {
    const now = this.#now()
    // Not `Infinity * 0`, which is no number.
    const more = now > this.#at ? (now - this.#at) * this.#perMs : 0
    this.#level = Math.min(this.#burst, this.#level + more)
    this.#at = now
    return this.#level
  }
}
