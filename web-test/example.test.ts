import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium as launcher, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Snapshot } from '../examples/sync/snapshot.ts'
import { CHROMIUM_FLAGS, chromium } from '../scripts/chromium.mjs'
import { hearHeads } from '../scripts/lib/browser/hearHeads.mjs'
import { servePages } from '../scripts/lib/browser/servePages.mjs'
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

async function open(query: string, site = pages): Promise<void> {
  await page.goto(`${site}?${query}`)
}

function snapshot(): Promise<Snapshot> {
  return page.evaluate(() =>
    (globalThis as unknown as { cambium: { snapshot(): Snapshot } }).cambium.snapshot(),
  )
}

async function heading(text: string | RegExp): Promise<void> {
  await page.getByRole('heading', { name: text }).waitFor({ timeout: 30_000 })
}

/**
 * The page asks its site for the bridge's addresses while it opens the state: either may take
 * longer.
 */
async function bridgeFilled(): Promise<void> {
  const value = async () => (await page.getByLabel('Bridge').inputValue()).split('\n')
  await expect.poll(value, { timeout: 30_000 }).toEqual(bridge.multiaddrs)
}

test('a person syncs, sees what was proven, and looks accounts up without the network', async () => {
  await open('network=hoodi')
  await heading('Ready')
  expect(await page.getByLabel('Trusted state root').first().textContent()).toBe(HOODI)
  await bridgeFilled()
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
  await bridgeFilled()
  await page.getByLabel('Bridge').fill(address)
  await page.getByRole('button', { name: 'Start' }).click()
  await page.locator('#bridge-fault').filter({ hasText: words }).waitFor()
  // The state may still be opening.
  await expect.poll(async () => (await snapshot()).status).toBe('idle')
})

test('a query that makes no sense is explained', async () => {
  await open('network=ropsten')
  await page.getByRole('alert').filter({ hasText: '"ropsten"' }).waitFor()
  await open('transport=pigeon')
  await page.getByRole('alert').filter({ hasText: '"pigeon"' }).waitFor()
  await open('heads=/heads&distance=far')
  await page.getByRole('alert').filter({ hasText: '"far"' }).waitFor()
})

test('where the browser gives no database, the page says so', async () => {
  await page.addInitScript(() => {
    // What a worker sees where storage is blocked; init scripts do not reach workers, so this one
    // is wrapped.
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

describe('a state that changes', () => {
  const query = 'network=hoodi&heads=/heads&distance=1&maxAge=8'

  let moving: Awaited<ReturnType<typeof startBridge>>
  let site: string
  /** What the bridge told of its blocks. */
  let told: Awaited<ReturnType<typeof hearHeads>>['heads']

  beforeAll(async () => {
    const identity = join(directory, 'moving')
    moving = await startBridge({ state: 'hoodi', identity, blockSeconds: 0.5, defer })
    ;({ heads: told } = await hearHeads(moving.url))
    site = `${await servePages({ bridge: moving.url, defer })}sync/`
  })

  /** The block that the answer on the page is proven at, once it is on the page. */
  async function lookUp(address: string): Promise<number> {
    await page.getByRole('textbox', { name: 'Address' }).fill(address)
    await page.getByRole('button', { name: 'Look up' }).click()
    const answer = page.locator('#answer', { hasText: /state root of block \d+/ })
    const words = (await answer.textContent()) ?? ''
    const number = Number(/state root of block (\d+)/.exec(words)?.[1])
    const root = told.find((head) => head.number === number)?.stateRoot
    expect(words).toContain(`${root?.slice(0, 10)}…${root?.slice(-8)}`)
    return number
  }

  test('a person follows it, and looks accounts up at the last proven block meanwhile', async () => {
    await open(query, site)
    await heading('Ready')
    const setup = page.locator('#setup')
    expect(await setup.textContent()).toContain(`told by ${new URL('/heads', site)}`)
    expect(await setup.textContent()).toContain('For this demo only')
    await page.getByRole('button', { name: 'Start' }).click()
    await heading('Following the chain')

    const first = await lookUp(DEPOSIT_CONTRACT)
    await expect.poll(async () => (await snapshot()).block?.number).toBeGreaterThan(first + 1)
    expect(await lookUp(DEPOSIT_CONTRACT)).toBeGreaterThan(first)

    const { head, pivot, block, rounds, progress } = await snapshot()
    const numbers = told.map(({ number }) => number)
    expect(numbers).toEqual(expect.arrayContaining([head?.number, pivot?.number, block?.number]))
    expect(rounds.proven).toBeGreaterThanOrEqual(2)
    expect(progress?.pivotMoves).toBeGreaterThanOrEqual(2)
    expect(progress?.healed.nodes).toBeGreaterThan(0)
    const chart = page.getByRole('img', { name: /^Trie nodes healed for each proven block: \d/ })
    expect(await chart.locator('i').count()).toBeGreaterThanOrEqual(2)

    await page.getByRole('button', { name: 'Pause' }).click()
    await heading(/^Verified: block \d+$/)
    const paused = (await snapshot()).block
    await page.getByRole('button', { name: 'Read back and recompute' }).click()
    await page.getByText('Done: the stored state still has the trusted root.').waitFor()
    expect((await snapshot()).audit?.root).toBe(paused?.stateRoot)
    expect(told.find(({ hash }) => hash === paused?.hash)?.stateRoot).toBe(paused?.stateRoot)

    await page.getByRole('button', { name: 'Follow on' }).click()
    await heading('Following the chain')
    await expect
      .poll(async () => (await snapshot()).block?.number, { timeout: 30_000 })
      .toBeGreaterThan(paused?.number ?? Number.POSITIVE_INFINITY)
  })

  test('where nobody tells blocks, the page says so, and reads them again when asked to', async () => {
    await page.route('**/heads', (route) => route.fulfill({ status: 502 }))
    await open(`${query}&autostart`, site)
    await page.getByRole('alert').filter({ hasText: 'The trusted blocks have ended' }).waitFor()
    await heading('Stopped')
    await page.unroute('**/heads')
    await page.getByRole('button', { name: 'Try again' }).click()
    await heading('Following the chain')
  })

  test('what is no header is refused, whoever told it', async () => {
    const body = 'data: {"number": 7, "hash": "0x12", "stateRoot": "0x34"}\n\n'
    await page.route('**/heads', (route) => {
      return route.fulfill({ contentType: 'text/event-stream', body })
    })
    await open(`${query}&autostart`, site)
    await page.getByRole('alert').filter({ hasText: 'hash of trusted header 7' }).waitFor()
    expect((await snapshot()).error?.code).toBe('TRUST')
  })

  test('while the bridge is away, the last proven block still answers', async () => {
    await open(`${query}&autostart`, site)
    await heading('Following the chain')
    await moving.stop()
    await heading('Reconnecting')
    const number = await lookUp(DEPOSIT_CONTRACT)
    expect(number).toBe((await snapshot()).block?.number)
  })
})
