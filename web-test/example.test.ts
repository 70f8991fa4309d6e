import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium as launcher, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Snapshot } from '../examples/sync/snapshot.ts'
import { CHROMIUM_FLAGS, chromium } from '../scripts/chromium.mjs'
import { servePages } from '../scripts/lib/servePages.mjs'
import { startBridge } from '../scripts/lib/startBridge.mjs'

/** The genesis state of hoodi: small, with code and storage. */
const HOODI = '0xda87d7f5f91c51508791bbcbd4aa5baf04917830b86985eeb9ad3d5bfb657576'
const DEPOSIT_CONTRACT = '0x00000000219ab540356cBB839Cbe05303d7705Fa'

const directory = mkdtempSync(join(tmpdir(), 'cambium-example-'))
const undos: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true })]
const defer = (undo: () => unknown) => void undos.push(undo)

let browser: Browser
let bridge: Awaited<ReturnType<typeof startBridge>>
let pages: string
/** Of one test: what it has stored is not there in the next. */
let context: BrowserContext
let page: Page

beforeAll(async () => {
  const { path: executablePath } = await chromium()
  browser = await launcher.launch({ executablePath, args: CHROMIUM_FLAGS })
  defer(() => browser.close())
  bridge = await startBridge({ state: 'hoodi', identity: join(directory, 'identity'), defer })
  pages = `${await servePages({ bridge: bridge.url, defer })}sync/`
})

beforeEach(async () => {
  context = await browser.newContext()
  page = await context.newPage()
  return () => context.close()
})

afterAll(async () => {
  for (const undo of undos.reverse()) await undo()
})

async function open(query: string): Promise<void> {
  await page.goto(`${pages}?${query}`)
}

function snapshot(): Promise<Snapshot> {
  return page.evaluate(() =>
    (globalThis as unknown as { cambium: { snapshot(): Snapshot } }).cambium.snapshot(),
  )
}

async function heading(text: string | RegExp): Promise<void> {
  await page.getByRole('heading', { name: text }).waitFor({ timeout: 30_000 })
}

test('a person syncs, sees what was proven, and looks accounts up without the network', async () => {
  await open('network=hoodi')
  await heading('Ready')
  expect(await page.getByLabel('Trusted state root').first().textContent()).toBe(HOODI)
  expect((await page.getByLabel('Bridge').inputValue()).split('\n')).toEqual(bridge.multiaddrs)
  await page.getByRole('button', { name: 'Start' }).click()
  await heading('Verified: hoodi genesis state')

  const proof = page.locator('#proof')
  expect(await proof.locator('#proof-recomputed').textContent()).toBe(HOODI)
  expect(await proof.locator('#checks li').allTextContents()).toEqual([
    expect.stringMatching(/^335 accounts:/),
    expect.stringMatching(/^33 storage slots:/),
    expect.stringMatching(/^5 contract codes:/),
  ])
  expect(await page.locator('#network-mark').textContent()).toContain('Network off')
  expect((await snapshot()).peers.every(({ status }) => status === 'closed')).toBe(true)

  await context.setOffline(true)
  await page.getByRole('textbox', { name: 'Address' }).fill(DEPOSIT_CONTRACT)
  await page.getByRole('button', { name: 'Look up' }).click()
  const answer = page.locator('#answer')
  await answer.getByText('Proven account').waitFor()
  expect(await answer.textContent()).toContain('6,358 bytes')
  await page.getByRole('textbox', { name: 'Address' }).fill(`0x${'99'.repeat(20)}`)
  await page.getByRole('button', { name: 'Look up' }).click()
  await answer.getByText('Proven: no such account').waitFor()
  await page.getByRole('textbox', { name: 'Address' }).fill('0x99')
  await page.getByRole('button', { name: 'Look up' }).click()
  await page.getByText('An address is 0x and 40 hexadecimal digits; this is not: 0x99').waitFor()

  await page.getByRole('button', { name: 'Read back and recompute' }).click()
  await page.getByText('Done: the stored state still has the trusted root.').waitFor()
  expect((await snapshot()).audit).toEqual({ root: HOODI, accounts: 335, slots: 33, codes: 5 })

  await page.getByRole('button', { name: 'Delete this state' }).click()
  await heading('Ready')
  await page.getByRole('button', { name: 'Start' }).waitFor()
})

test('a fresh page finds the finished state and its root without asking anybody', async () => {
  await open('network=hoodi&autostart')
  await heading(/^Verified/)
  await page.close()
  page = await context.newPage()
  const requests: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  await open('network=hoodi&audit')
  await expect.poll(async () => (await snapshot()).audit?.root, { timeout: 30_000 }).toBe(HOODI)
  expect(requests.filter((url) => url.endsWith('peers.json'))).toEqual([])
})

test.each([
  ['root', `network=custom&root=0x12&chainId=1&genesis=${HOODI}`, /this is not: 0x12/],
  ['genesis', `network=custom&root=${HOODI}&chainId=1&genesis=nonsense`, /this is not: nonsense/],
  ['chain-id', `network=custom&root=${HOODI}&chainId=-7&genesis=${HOODI}`, /this is not: -7/],
])('a malformed %s is refused at its field', async (field, query, words) => {
  await open(`${query}&autostart`)
  await page.locator(`#${field}-fault`).filter({ hasText: words }).waitFor()
  expect(await page.locator(`#${field}`).getAttribute('aria-invalid')).toBe('true')
  expect((await snapshot()).status).toBe('closed')
})

test.each([
  ['', 'Enter the address of a bridge'],
  ['nowhere', 'this does not: nowhere'],
  ['/ip4/127.0.0.1/tcp/1/ws', 'does not end with the peer id'],
  ['/ip4/127.0.0.1/sctp/what', 'not a multiaddr'],
  ['http://127.0.0.1:1', 'Nothing answers at http://127.0.0.1:1/peers.json'],
])('the bridge address "%s" is refused at its field', async (address, words) => {
  await open('network=hoodi')
  await heading('Ready')
  await page.getByLabel('Bridge').fill(address)
  await page.getByRole('button', { name: 'Start' }).click()
  await page.locator('#bridge-fault').filter({ hasText: words }).waitFor()
  expect((await snapshot()).status).toBe('idle')
})

test('a query that makes no sense is explained', async () => {
  await open('network=ropsten')
  await page.getByRole('alert').filter({ hasText: '"ropsten"' }).waitFor()
  await open('transport=pigeon')
  await page.getByRole('alert').filter({ hasText: '"pigeon"' }).waitFor()
})

test('where the browser gives no database, the page says so', async () => {
  await page.addInitScript(() => {
    // What a worker sees where storage is blocked; init scripts do not reach workers, so this one is wrapped.
    const { Worker: Real } = globalThis
    const blob = (text: string) =>
      URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
    globalThis.Worker = class extends Real {
      constructor(url: string | URL, options?: WorkerOptions) {
        const denied = "throw new DOMException('denied', 'SecurityError')"
        const before = blob(`IDBFactory.prototype.open = () => { ${denied} }`)
        const real = String(new URL(url, location.href))
        super(blob(`import '${before}'; import '${real}'`), options)
      }
    }
  })
  await open('network=hoodi')
  await page.getByRole('alert').filter({ hasText: 'gives the page no database' }).waitFor()
  await heading('Not available')
})
