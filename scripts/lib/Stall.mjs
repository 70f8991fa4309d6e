import { CommandError } from './CommandError.mjs'

/** @typedef {import('../../examples/sync/snapshot.ts').Snapshot} Snapshot */

/**
 * Longer than any pause that is not an end: a peer's longest back-off is 30 s, and a request's
 * timeout comes on top.
 */
const STALL_MS = 120_000

/**
 * Makes sure that a command ends by itself: gives up on a page that has got no further for a while.
 */
export class Stall {
  #seen = ''
  #since = Date.now()

  /**
   * @param {Snapshot | undefined} snapshot what the page says now; none while it loads
   * @throws {CommandError} when it has said the same for too long
   */
  check(snapshot) {
    const { status, progress, audit } = snapshot ?? {}
    const { phase, fraction, accounts, slots, codes } = progress ?? {}
    const seen = JSON.stringify([status, audit, phase, fraction, accounts, slots, codes])
    if (seen !== this.#seen) {
      this.#seen = seen
      this.#since = Date.now()
    } else if (Date.now() - this.#since > STALL_MS) {
      const away = snapshot?.peers.map(({ reason }) => reason).filter((reason) => reason) ?? []
      const why = away.length > 0 ? `; last reason without a peer: ${away.join('; ')}` : ''
      throw new CommandError(
        `no progress for ${STALL_MS / 1000} s, the page is ${status ?? 'loading'}${why}`,
      )
    }
  }
}
