/**
 * The right to write one state, which one tab has at a time: two that sync it would fetch everything twice, and one that
 * removes it would tear what the other writes. A browser frees it when the tab dies, however it dies.
 */
export class StateLock {
  readonly #name: string | undefined

  /** @param name of the database; `undefined` for a state that nobody else can reach */
  constructor(name: string | undefined) {
    this.#name = name
  }

  /**
   * Runs `run` if the state is free now.
   * @returns whether it ran
   */
  async try(run: () => Promise<void>): Promise<boolean> {
    const locks = this.#locks()
    if (locks === undefined) {
      await run()
      return true
    }
    return locks.request(this.#name!, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await run()
      return lock !== null
    })
  }

  /** Runs `run` when the state is free: now, or some time after `onWaiting` was called; rejects as `wait` does. */
  async hold(signal: AbortSignal, onWaiting: () => void, run: () => Promise<void>): Promise<void> {
    if (await this.try(run)) return
    onWaiting()
    await this.wait(signal, run)
  }

  /** Runs `run` when the state is free; rejects with the signal's reason where that aborts before. */
  async wait(signal: AbortSignal, run: () => Promise<void>): Promise<void> {
    await this.#locks()?.request(this.#name!, { signal }, run)
  }

  /** Absent outside of secure contexts, where pages have no WebRTC either, and in Node, where there are no other tabs. */
  #locks(): LockManager | undefined {
    return this.#name === undefined ? undefined : globalThis.navigator?.locks
  }
}
