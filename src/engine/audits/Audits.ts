/** The audits that run. */
export class Audits {
  readonly #running = new Map<number, AbortController>()
  /** Resolves when all that were begun have ended. */
  #ended: Promise<unknown> = Promise.resolve()

  /** Runs one, which can be aborted by its id. */
  run<Report>(id: number, audit: (signal: AbortSignal) => Promise<Report>): Promise<Report> {
    const controller = new AbortController()
    this.#running.set(id, controller)
    const report = audit(controller.signal).finally(() => this.#running.delete(id))
    this.#ended = Promise.allSettled([this.#ended, report])
    return report
  }

  abort(id: number): void {
    this.#running.get(id)?.abort()
  }

  abortAll(): void {
    for (const controller of this.#running.values()) controller.abort()
  }

  /** Waits until those that were begun by now have ended, or `signal` aborts. */
  async ended(signal: AbortSignal): Promise<void> {
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true })
    })
    if (!signal.aborted) await Promise.race([this.#ended, aborted])
  }
}
