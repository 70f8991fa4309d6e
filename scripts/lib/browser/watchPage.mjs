import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '../CommandError.mjs'
import { Stall } from '../Stall.mjs'

/** @typedef {import('../../../examples/sync/snapshot.ts').Snapshot} Snapshot */

const INTERVAL_MS = 100

/**
 * Looks at the example page until it is where it should be.
 *
 * @param {import('playwright-core').Page} page
 * @param {(snapshot: Snapshot) => boolean} done
 * @param {(snapshot: Snapshot) => void} [onSnapshot]
 * @param {{ms: number, missed: string}} [limit] for a page whose state keeps changing, which never
 *   stalls; `missed`: what the error says
 * @returns {Promise<Snapshot>} the snapshot that was done
 * @throws {CommandError} when the page fails, is closed, or gets no further
 */
export async function watchPage(page, done, onSnapshot = () => {}, limit = undefined) {
  const stall = new Stall()
  const started = Date.now()
  for (;;) {
    const snapshot = await look(page)
    stall.check(snapshot)
    if (snapshot !== undefined) {
      onSnapshot(snapshot)
      if (snapshot.error !== undefined) {
        throw new CommandError(`${snapshot.error.title}: ${snapshot.error.message}`)
      }
      if (done(snapshot)) return snapshot
    }
    if (limit !== undefined && Date.now() - started > limit.ms) {
      throw new CommandError(`${limit.missed} within ${limit.ms / 1000} s`)
    }
    await sleep(INTERVAL_MS)
  }
}

/**
 * @param {import('playwright-core').Page} page
 * @returns {Promise<Snapshot | undefined>}
 */
async function look(page) {
  try {
    return await page.evaluate(() => {
      const { cambium } = /** @type {{cambium?: {snapshot(): Snapshot}}} */ (globalThis)
      return cambium?.snapshot()
    })
  } catch (cause) {
    throw new CommandError(page.isClosed() ? 'the browser was closed' : 'the page crashed', {
      cause,
    })
  }
}
