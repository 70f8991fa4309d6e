/** Pages that are looked at in one go: a few milliseconds, for which a read may have to wait. */
const SLICE_PAGES = 4
/**
 * How long it rests after each, in milliseconds: it takes a tenth of a core, and a minute for three
 * million accounts.
 */
const REST_MS = 20
/** The audit continues after this long without a read, in milliseconds. */
const QUIET_MS = 100

/**
 * Audits what answers while nothing else is to be done, after a heal, which checks only what it
 * touched. Begins anew with each state; a page that was closed in the midst of it begins with the
 * next one.
 */
export class IdleAudit {
  #running: AbortController | undefined
  #readAt = Number.NEGATIVE_INFINITY

  /** Somebody reads. */
  yield(): void {
    this.#readAt = performance.now()
  }

  /**
   * @param audit calls `onPage` after each page, and waits for it; tells by itself what it finds,
   *   and rejects with nothing else
   */
  start(audit: (signal: AbortSignal, onPage: () => unknown) => Promise<void>): void {
    this.stop()
    this.#running = new AbortController()
    const { signal } = this.#running
    let pages = 0
    void audit(signal, () => (++pages % SLICE_PAGES === 0 ? this.#rest(signal) : undefined))
  }

  stop(): void {
    this.#running?.abort()
  }

  async #rest(signal: AbortSignal): Promise<void> {
    do await new Promise((resolve) => setTimeout(resolve, REST_MS))
    while (!signal.aborted && performance.now() - this.#readAt < QUIET_MS)
  }
}
