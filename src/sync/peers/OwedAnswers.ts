/** A request whose answer has not come. */
export interface Owed {
  /** How long its answer takes at most, over the slowest link that can serve, in milliseconds. */
  readonly ms: number
  /** Whether the answer is no longer wanted, though it may still come. */
  late: boolean
}

/**
 * What one peer owes, over all kinds of request: its answers share a link, so that one which nobody
 * wants any more holds up those of every other kind behind it.
 */
export class OwedAnswers {
  readonly #owed = new Set<Owed>()
  readonly #waiting = new Set<() => void>()

  /** How long all that is owed takes at most, in milliseconds. */
  get ms(): number {
    let sum = 0
    for (const { ms } of this.#owed) sum += ms
    return sum
  }

  /** @param ms how long the answer takes at most */
  add(ms: number): Owed {
    const owed = { ms, late: false }
    this.#owed.add(owed)
    return owed
  }

  /** The answer has come, or is not expected any more. Idempotent. */
  remove(owed: Owed): void {
    this.#owed.delete(owed)
    for (const { late } of this.#owed) if (late) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const callback of waiting) callback()
  }

  /** Calls back, once, when an answer is in after which no late one is owed. */
  whenClear(callback: () => void): void {
    this.#waiting.add(callback)
  }
}
