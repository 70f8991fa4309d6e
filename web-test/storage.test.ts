import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Bridge } from '../bridge/src/createBridge.ts'
import { servePages } from '../scripts/lib/browser/servePages.mjs'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { crash } from './lib/Chromium.ts'
import { type ExampleQuery, exampleUrl, heading, snapshot } from './lib/examplePage.ts'
import { readTable, storedState } from './lib/storedState.ts'
import { smallAnswers, syntheticState, Traffic, testBridge, type Wrap } from './lib/testBridge.ts'

const fixture = new BrowserFixture()
const state = syntheticState({ seed: 5, accounts: 1000 })
let pages: string
let bridge: Bridge
let traffic: Traffic
let origin: string

beforeAll(async () => {
  // Through the traffic of the test that runs.
  const wrap: Wrap = (handler) => (request) => traffic.wrap(smallAnswers(2048)(handler))(request)
  bridge = await testBridge(state, fixture.path('identity'), wrap)
  fixture.defer(() => bridge.stop())
  pages = await servePages({ bridge: bridge.url, defer: fixture.defer })
})
afterAll(() => fixture.end())

let tests = 0
beforeEach(() => {
  traffic = new Traffic()
  origin = `storage-${tests++}`
})

function url(query: ExampleQuery = {}): string {
  return exampleUrl(pages, origin, state.network, { transport: 'websocket', ...query })
}

async function open(query: ExampleQuery = {}): Promise<Page> {
  const page = await fixture.newPage()
  await page.goto(url(query))
  return page
}

/** A page in mid-sync: the bridge has answered some requests and holds the rest. */
async function openMidSync(): Promise<Page> {
  traffic.holdAfter(20)
  const page = await open({ autostart: true })
  await traffic.reached(21)
  return page
}

async function expectComplete(page: Page): Promise<void> {
  await heading(page, /^Verified/)
  const { accounts, slots, codes } = state
  expect((await snapshot(page)).progress).toMatchObject({ accounts, slots, codes })
}

async function expectStopped(page: Page, code: string, words: string): Promise<void> {
  await page.getByRole('alert').filter({ hasText: words }).waitFor()
  await heading(page, 'Stopped')
  expect((await snapshot(page)).error?.code).toBe(code)
}

test('a database deleted under the sync: an error that says so, and no restart by itself', async () => {
  const page = await openMidSync()
  const other = await open()
  await other.evaluate(async () => {
    const [database] = await indexedDB.databases()
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.deleteDatabase(database!.name!)
      request.onsuccess = () => resolve()
      request.onerror = () => reject(request.error)
    })
  })
  const asked = traffic.requests.length
  traffic.release()
  await expectStopped(page, 'STORE_CLOSED', 'closed under the running sync')
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([])
  // What was on its way came in (up to 4 requests for accounts, 4 for slots and one for codes), and
  // nothing more was asked for.
  expect(traffic.requests.length - asked).toBeLessThanOrEqual(9)

  await page.getByRole('button', { name: 'Try again' }).click()
  await expectComplete(page)
  await page.close()
  await other.close()
})

test('a full disk in mid-sync: an error that says so, the stored state stays readable, and it goes on with room', async () => {
  const page = await fixture.newPage()
  const session = await page.context().newCDPSession(page)
  const site = new URL(url()).origin
  await session.send('Storage.overrideQuotaForOrigin', { origin: site, quotaSize: 200_000 })
  await page.goto(url({ autostart: true }))
  await expectStopped(page, 'STORE_QUOTA', 'disk space for this site is used up')
  const { journal } = await storedState(page)
  expect(journal.damaged).toEqual([])
  expect(journal.target).toBeDefined()
  expect(await readTable(page, 'accounts')).not.toEqual([])

  await session.send('Storage.overrideQuotaForOrigin', { origin: site })
  await page.getByRole('button', { name: 'Try again' }).click()
  await expectComplete(page)
  await page.close()
})

test('a database of a newer version: an error that says so, and it is left as it is', async () => {
  const first = await open({ autostart: true })
  await expectComplete(first)
  await first.close()

  const page = await open()
  const raise = (version: number | undefined) =>
    page.evaluate(async (version) => {
      const [{ name }] = (await indexedDB.databases()) as [{ name: string }]
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const request = indexedDB.open(name, version)
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
      const found = { version: database.version, tables: [...database.objectStoreNames] }
      database.close()
      return found
    }, version)
  const newer = await raise(99)
  const tab = await open({ autostart: true })
  await tab.getByRole('alert').filter({ hasText: 'written by a newer version' }).waitFor()
  expect((await snapshot(tab)).error?.code).toBe('STORE_VERSION')
  expect(await raise(undefined)).toEqual(newer)
  await tab.close()
  await page.close()
})

test('a database that a newer tab upgrades under the sync: it gives way, with an error that says so', async () => {
  const page = await openMidSync()
  const other = await open()
  const tables = await other.evaluate(async () => {
    const [{ name }] = (await indexedDB.databases()) as [{ name: string }]
    return new Promise<number>((resolve, reject) => {
      const request = indexedDB.open(name, 99)
      request.onsuccess = () => {
        resolve(request.result.objectStoreNames.length)
        request.result.close()
      }
      request.onerror = () => reject(request.error)
    })
  })
  expect(tables).toBeGreaterThan(0)
  traffic.release()
  await expectStopped(page, 'STORE_CLOSED', 'closed under the running sync')
  await page.close()
  await other.close()
})

test('two tabs on one state: the second waits, and is complete when the first is', async () => {
  const first = await openMidSync()
  const second = await open({ autostart: true })
  await heading(second, 'Waiting for another tab')
  traffic.release()
  await expectComplete(first)
  const asked = traffic.requests.length
  await expectComplete(second)
  expect(traffic.requests).toHaveLength(asked)
  await first.close()
  await second.close()
})

test('two tabs on one state: the second takes over where the first was killed', async () => {
  const first = await openMidSync()
  const second = await open({ autostart: true })
  await heading(second, 'Waiting for another tab')
  await crash(first)
  const { journal } = await storedState(second)
  const asked = traffic.requests.length
  traffic.release()
  await expectComplete(second)
  const cursors = journal.tasks.map(({ next }) => next)
  for (const request of traffic.requests.slice(asked)) {
    if (request.kind !== 'GetAccountRange') continue
    const cursor = cursors[request.origin[0]! >> 4]
    expect(cursor && Buffer.compare(request.origin, cursor)).toBeGreaterThanOrEqual(0)
  }
  await second.close()
})
