import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBridge } from '../scripts/lib/startBridge.mjs'
import { NETWORKS } from '../src/chain/networks.ts'
import { APP, runApp, viteBuild } from './lib/appPage.ts'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { exampleUrl, heading, snapshot } from './lib/examplePage.ts'
import { serveFolder } from './lib/serveFolder.ts'

const EXAMPLES = fileURLToPath(new URL('../build/examples', import.meta.url))
const { hoodi } = NETWORKS
const REPORT = { root: hoodi.stateRoot, accounts: 335, slots: 33, codes: 5 }

const fixture = new BrowserFixture()
const { defer } = fixture
let bridge: Awaited<ReturnType<typeof startBridge>>
let app: string

beforeAll(async () => {
  bridge = await startBridge({ state: 'hoodi', identity: fixture.path('identity'), defer })
  app = fixture.path('app')
  await viteBuild(APP, app)
})
afterAll(() => fixture.end())

/** Addresses of both pages under a policy for scripts. */
async function serve(scripts: string) {
  const headers = { 'content-security-policy': `script-src ${scripts}` }
  const pages = await serveFolder(EXAMPLES, defer, headers)
  const query = new URLSearchParams({
    root: hoodi.stateRoot,
    chainId: String(hoodi.chainId),
    genesis: hoodi.genesisHash,
  })
  for (const address of bridge.multiaddrs) query.append('bridge', address)
  const own = await serveFolder(app, defer, headers)
  return { pages, app: `${own}?${query}` }
}

test('where a policy forbids WebAssembly: the page says once what is missing, and syncs in JavaScript', async () => {
  const { pages } = await serve("'self'")
  const page = await fixture.newPage()
  const query = { bridge: bridge.url, autostart: true }
  await page.goto(exampleUrl(pages, 'csp', hoodi, query))
  await heading(page, /^Verified/)
  const notices = page.locator('#notices li')
  expect(await notices.allTextContents()).toEqual([expect.stringContaining('wasm-unsafe-eval')])
  expect(await notices.first().isVisible()).toBe(true)
  await page.getByText('proving with JavaScript').waitFor()
  expect(await page.locator('#log li', { hasText: 'WASM_BLOCKED' }).count()).toBe(1)
  expect((await snapshot(page)).progress).toMatchObject({ accounts: 335, slots: 33, codes: 5 })
  await page.close()
})

test.each([
  { thread: 'worker', extra: '&worker' },
  { thread: 'page', extra: '' },
  { thread: 'worker, with a second one', extra: '&worker&verifiers=2' },
])(
  'where a policy forbids WebAssembly, on the $thread: one fault WASM_BLOCKED',
  async ({ extra }) => {
    const { app } = await serve("'self'")
    const page = await fixture.newPage()
    const { faults, verifier, audit } = await runApp(page, app + extra)
    expect(verifier).toBe('js')
    expect(audit).toEqual(REPORT)
    expect(faults).toEqual([
      { code: 'WASM_BLOCKED', message: expect.stringContaining("'wasm-unsafe-eval'") },
    ])
    await page.close()
  },
)

test('where a policy allows WebAssembly alone, SIMD proves and nothing is said', async () => {
  const { app, pages } = await serve("'self' 'wasm-unsafe-eval'")
  const page = await fixture.newPage()
  const { faults, verifier, audit } = await runApp(page, `${app}&worker`)
  expect({ faults, verifier, audit }).toEqual({ faults: [], verifier: 'simd', audit: REPORT })
  await page.goto(exampleUrl(pages, 'csp-wasm', hoodi, { bridge: bridge.url, autostart: true }))
  await heading(page, /^Verified/)
  await page.getByText('proving with WebAssembly and SIMD').waitFor()
  expect(await page.locator('#notices li').count()).toBe(0)
  await page.close()
})

test.each(['simd', 'plain', 'js'])(
  'the verifier %s, asked for by name, comes to the same root',
  async (verifier) => {
    const { app } = await serve("'self' 'wasm-unsafe-eval'")
    const page = await fixture.newPage()
    const result = await runApp(page, `${app}&worker&verifier=${verifier}`)
    expect(result).toEqual({ trust: hoodi.stateRoot, audit: REPORT, faults: [], verifier })
    await page.close()
  },
)
