import { LruMap } from '../base/LruMap.ts'

/**
 * How long an answer may be given again, in milliseconds from when it was asked for. The engine's
 * own may be as old: together a tenth of a second, a hundredth of a block's time.
 */
const REPEAT_MS = 50

/** Answers that are kept: 3 MB where each is a code of the most that Ethereum allows. */
const REMEMBERED = 64

/**
 * Reads of the last moments, each with what was or will be answered. A page in which many
 * components show one balance asks the engine once: a message to a worker and back takes 0.1 ms.
 */
export class RecentReads {
  #reads = newReads()

  /**
   * What `ask` resolves with, or resolved with a moment ago for the same key; each caller gets a
   * copy.
   * @param key names what is asked
   */
  async ask<Answer>(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const reads = this.#reads
    const known = reads.get(key)
    const now = performance.now()
    if (known && now - known.askedAt <= REPEAT_MS)
      return structuredClone(await known.answer) as Answer
    const answer = ask()
    reads.set(key, { askedAt: now, answer })
    try {
      return structuredClone(await answer)
    } catch (error) {
      if (reads.get(key)?.answer === answer) reads.delete(key)
      throw error
    }
  }

  /** Another state answers from now on, so earlier answers are forgotten. */
  forget(): void {
    this.#reads = newReads()
  }
}

const newReads = () => new LruMap<string, { askedAt: number; answer: Promise<unknown> }>(REMEMBERED)
