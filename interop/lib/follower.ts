import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Snapshot } from '../../examples/sync/snapshot.ts'
import { watchPage } from '../../scripts/lib/browser/watchPage.mjs'
import type { Chain, GethBlock } from '../geth/Chain.ts'
import type { Geth } from '../geth/Geth.ts'
import { type ChainFixture, PIVOT_DISTANCE } from './ChainFixture.ts'

/** Until the next step of a scenario, in ms: several times what the longest takes on two cores. */
const LIMIT_MS = 120_000

/**
 * Waits until a page is where it should be.
 *
 * @returns what it shows then
 * @throws {CommandError} when it fails or gets no further
 */
export function until(
  page: Page,
  what: string,
  done: (snapshot: Snapshot) => boolean,
): Promise<Snapshot> {
  return watchPage(page, done, undefined, { ms: LIMIT_MS, missed: `the page was not ${what}` })
}

/**
 * Waits until a page is in the midst of its first download: some of the slots are there, and most
 * are not.
 */
export async function inMidSync(page: Page): Promise<void> {
  const { progress } = await until(page, 'in mid-sync', (snapshot) => {
    return (snapshot.progress?.slots ?? 0) > 5_000
  })
  expect(progress).toMatchObject({ phase: 'download' })
  expect(progress?.slots).toBeLessThan(80_000)
}

/**
 * The page is in the midst of its first sync still: what happened until now has happened in
 * mid-sync.
 */
export async function nothingProven(page: Page): Promise<Snapshot> {
  const snapshot = await until(page, 'loaded', () => true)
  expect(snapshot).toMatchObject({ status: 'syncing', rounds: { proven: 0 } })
  return snapshot
}

/** Changes what each request of the page takes longer, in ms. */
export function setLatency(page: Page, latency: number): Promise<void> {
  return page.evaluate((latency) => {
    Object.assign((globalThis as unknown as { cambium: object }).cambium, { latency })
  }, latency)
}

/**
 * Waits until a page has the state of the newest block that it can have, when no more are made, and
 * pauses it there.
 */
export async function caughtUp(page: Page, chain: Chain): Promise<Snapshot> {
  const last = chain.height - PIVOT_DISTANCE
  await until(page, `at block ${last}`, ({ block }) => block?.number === last)
  await page.getByRole('button', { name: 'Pause' }).click()
  return until(page, 'paused', ({ status }) => status === 'complete')
}

/**
 * Lets a page catch up with the chain, and compares the root of what a fresh page finds on the disk
 * with geth's.
 */
export async function finish(chainFixture: ChainFixture, page: Page, chain: Chain, geth: Geth) {
  await setLatency(page, 0)
  // Some blocks more, so the state is complete while the chain grows.
  const now = chain.height
  await until(page, 'following', ({ block }) => (block?.number ?? 0) > now)
  await chain.stop()
  const synced = await caughtUp(page, chain)
  const fresh = await chainFixture.reopen(page)
  const { audit, block } = await until(fresh, 'read back', ({ audit }) => audit !== undefined)
  const number = `0x${block?.number.toString(16)}`
  const truth = await geth.rpc.call<GethBlock>('eth_getBlockByNumber', number, false)
  expect(block).toMatchObject({ hash: truth.hash, stateRoot: truth.stateRoot })
  expect(audit?.root).toBe(truth.stateRoot)
  return { fresh, synced, truth, audit: audit! }
}
