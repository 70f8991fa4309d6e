import { hoodiGenesis } from '@ethereumjs/genesis/hoodi'
import { mainnetGenesis } from '@ethereumjs/genesis/mainnet'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { servePages } from '../scripts/lib/browser/servePages.mjs'
import { startBridge } from '../scripts/lib/startBridge.mjs'
import { NETWORKS } from '../src/chain/networks.ts'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { exampleUrl, heading, read, snapshot } from './lib/examplePage.ts'

/** A storage slot of a genesis allocation. */
type Word = [slot: string, value: string]

const fixture = new BrowserFixture()
const { defer } = fixture

afterAll(() => fixture.end())

/** A bridge as people run it, and the built pages beside it. */
async function serve(state: 'mainnet' | 'hoodi') {
  const bridge = await startBridge({ state, identity: fixture.path(`identity-${state}`), defer })
  return { bridge, pages: await servePages({ bridge: bridge.url, defer }) }
}

/** Types an address into the lookup box; resolves with the answer's text. */
async function lookUp(page: Page, address: string, expected: RegExp): Promise<string> {
  await page.getByRole('textbox', { name: 'Address' }).fill(address)
  await page.getByRole('button', { name: 'Look up' }).click()
  const answer = page.locator('#answer').filter({ hasText: expected })
  await answer.waitFor()
  return (await answer.textContent()) ?? ''
}

test('mainnet’s genesis state over WebRTC: synced, proven, and read without a network', async () => {
  const { bridge, pages } = await serve('mainnet')
  const { stateRoot } = NETWORKS.mainnet
  const page = await fixture.newPage()
  // Without `bridge` in the query: from `/peers.json` beside the page, dialled as it is given.
  await page.goto(exampleUrl(pages, 'mainnet', NETWORKS.mainnet, { autostart: true }))
  await heading(page, 'Verified: mainnet genesis state')
  const synced = await snapshot(page)
  expect(synced.transport).toBe('webrtc')
  expect(synced.peers.map(({ address }) => address)).toEqual([bridge.multiaddrs[0]])
  expect(synced.progress).toMatchObject({ accounts: 8893, slots: 0, codes: 0 })
  await page.close()

  await bridge.stop()
  const fresh = await fixture.newPage()
  await fresh.goto(exampleUrl(pages, 'mainnet', NETWORKS.mainnet))
  await heading(fresh, 'Verified: mainnet genesis state')
  await fresh.context().setOffline(true)
  const [address, balance] = Object.entries(mainnetGenesis)[0]!
  const ether = BigInt(balance as string) / 10n ** 18n
  const answer = await lookUp(fresh, `0x${address.replace(/^0x/, '')}`, /Proven account/)
  expect(answer).toContain(`${new Intl.NumberFormat('en-US').format(ether)}`)
  await lookUp(fresh, `0x${'99'.repeat(20)}`, /Proven: no such account/)
  await fresh.getByText('Network off: answered from this browser’s disk').waitFor()

  await fresh.getByRole('button', { name: 'Read back and recompute' }).click()
  await fresh.getByText('Done: the stored state still has the trusted root.').waitFor()
  expect((await snapshot(fresh)).audit).toEqual({
    ...{ root: stateRoot, accounts: 8893, slots: 0, codes: 0 },
  })
  await fresh.context().setOffline(false)
})

test('hoodi’s genesis state over WebSocket: code and storage are those of the source', async () => {
  const { bridge, pages } = await serve('hoodi')
  const page = await fixture.newPage()
  const query = { autostart: true, transport: 'websocket' } as const
  await page.goto(exampleUrl(pages, 'hoodi', NETWORKS.hoodi, query))
  await heading(page, 'Verified: hoodi genesis state')
  const { transport, peers, progress } = await snapshot(page)
  expect(transport).toBe('websocket')
  expect(peers.map(({ address }) => address)).toEqual([bridge.multiaddrs[1]])
  expect(progress).toMatchObject({ accounts: 335, slots: 33, codes: 5 })

  await page.context().setOffline(true)
  await bridge.stop()
  const codes = new Set<string>()
  let slots = 0
  for (const [address, value] of Object.entries(hoodiGenesis)) {
    if (typeof value === 'string') continue
    const [balance, code = '0x', storage = [], nonce = '0x0'] = value
    const found = await read(
      page,
      address,
      storage.map(([slot]: Word) => slot),
    )
    expect(found.account.stateRoot).toBe(NETWORKS.hoodi.stateRoot)
    expect(found.account.value?.balance).toBe(BigInt(balance))
    expect(found.account.value?.nonce).toBe(BigInt(nonce))
    expect(found.code.value).toBe(code)
    expect(found.storage.map(BigInt)).toEqual(storage.map(([, value]: Word) => BigInt(value)))
    if (code !== '0x') codes.add(code)
    slots += storage.length
  }
  expect({ codes: codes.size, slots }).toEqual({ codes: 5, slots: 33 })
  await page.context().setOffline(false)
})
