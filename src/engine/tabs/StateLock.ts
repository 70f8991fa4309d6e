/**
 * The right to write one state, which one tab has at a time: two that sync it would fetch
 * everything twice, and one that removes it would tear what the other writes. A browser frees it
 * when the tab dies, however it dies.
 */
export class StateLock {
  readonly #name: string | undefined
  readonly #onMissing: (missing: string) => void
  #isMissing = false

  /**
   * @param name of the database; `undefined` for a state that nobody else can reach
   * @param onMissing told once when the platform has no locks, or refuses them
   */
  constructor(name: string | undefined, onMissing: (missing: string) => void) {
    this.#name = name
    this.#onMissing = onMissing
  }

  /**
   * Runs `run` if the state is free now.
   * @returns whether it ran
   */
  try(run: () => Promise<void>): Promise<boolean> {
    return this.#request({ ifAvailable: true }, run)
  }

  /**
   * Runs `run` when the state is free: now, or some time after `onWaiting` was called; rejects as
   * `wait` does.
   */
  async hold(signal: AbortSignal, onWaiting: () => void, run: () => Promise<void>): Promise<void> {
    if (await this.try(run)) return
    onWaiting()
    await this.wait(signal, run)
  }

  /**
   * Runs `run` when the state is free; rejects with the signal's reason where that aborts before.
   */
  async wait(signal: AbortSignal, run: () => Promise<void>): Promise<void> {
    await this.#request({ signal }, run)
  }

  /** Without locks, the state is taken to be free. */
  async #request(options: LockOptions, run: () => Promise<void>): Promise<boolean> {
    const [name, { signal }] = [this.#name, options]
    let answered = name === undefined || this.#isMissing
    if (!answered) {
      try {
        return await navigator.locks.request(name!, options, async (lock) => {
          answered = true
          if (lock !== null) await run()
          return lock !== null
        })
      } catch (error) {
        if (answered || signal?.aborted) throw error
        this.#isMissing = true
        this.#onMissing(`Web Locks (${error}); two tabs may fetch the same state at once`)
      }
    }
    await run()
    return true
  }
}
