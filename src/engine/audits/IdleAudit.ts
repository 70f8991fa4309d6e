/** Pages that are looked at in one go: a few milliseconds, for which a read may have to wait. */
const SLICE_PAGES = 4
/**
 * The rest after each slice, in milliseconds: the audit takes a tenth of a core. A million accounts
 * take 20 s.
 */
const REST_MS = 20
/** The audit waits until no read has come for so long, in milliseconds. */
const QUIET_MS = 100

/**
 * Audits the completed state after a heal, which verifies only what it touched. Works while no sync
 * runs and no read comes. Each completed state begins the audit anew. A page that closes earlier
 * audits after its next heal.
 */
export class IdleAudit {
  #running: AbortController | undefined
  #readAt = Number.NEGATIVE_INFINITY

  /** A read has come: it goes first. */
  yield(): void {
    this.#readAt = performance.now()
  }

  /**
   * @param audit calls `onPage` after each page and waits for it; reports its findings, and never
   * rejects
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
