import { afterAll, expect, test } from 'vitest'
import { servePages } from '../scripts/lib/browser/servePages.mjs'
import { startBridge } from '../scripts/lib/startBridge.mjs'
import { NETWORKS } from '../src/chain/networks.ts'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { exampleUrl, heading, opened } from './lib/examplePage.ts'
import { turnsDuring } from './lib/turnsDuring.ts'

const fixture = new BrowserFixture()
const { defer } = fixture
afterAll(() => fixture.end())

// How long a turn takes is measured by the bench: `frame.p99ms`.
test('the page draws and the worker answers while mainnet’s genesis state is synced', async () => {
  const bridge = await startBridge({ state: 'mainnet', identity: fixture.path('identity'), defer })
  const pages = await servePages({ bridge: bridge.url, defer })
  const page = await fixture.newPage()
  await page.goto(exampleUrl(pages, 'responsive', NETWORKS.mainnet))
  await opened(page)
  const bridgeField = page.getByLabel('Bridge')
  await expect.poll(() => bridgeField.inputValue()).toContain('/p2p/')
  const turns = await turnsDuring(page)
  await page.getByRole('button', { name: 'Start' }).click()
  const { frames, calls } = await turns()
  await heading(page, /^Verified/)
  // A sync that keeps its thread to itself answers no call before it ends, and draws no frame.
  expect(calls).toBeGreaterThan(2)
  expect(frames).toBeGreaterThan(2)
})
