import { afterAll, expect, test } from 'vitest'
import { servePages } from '../scripts/lib/browser/servePages.mjs'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { exampleUrl, heading, snapshot } from './lib/examplePage.ts'
import { startMortalBridge } from './lib/startMortalBridge.ts'

const fixture = new BrowserFixture()
afterAll(() => fixture.end())

test.each([
  { transport: 'webrtc', end: 'stop' },
  { transport: 'websocket', end: 'die' },
] as const)(
  'a bridge that goes away in mid-sync ($transport, $end): the page says so, waits, and goes on',
  async ({ transport, end }) => {
    const orders = {
      shape: { seed: 7, accounts: 3000 },
      identityDir: fixture.path(`identity-${transport}`),
      accountsPerAnswer: 20,
      end,
    }
    const free = { webrtcPort: 0, wsPort: 0, httpPort: 0 }
    const first = await startMortalBridge({ ...orders, ports: free, lives: 40 })
    fixture.defer(first.kill)
    const pages = await servePages({ bridge: first.url, defer: fixture.defer })
    const network = {
      name: 'synthetic',
      chainId: 1337,
      genesisHash: first.stateRoot,
      stateRoot: first.stateRoot,
    }
    const page = await fixture.newPage()
    const query = { bridge: first.url, transport, autostart: true }
    await page.goto(exampleUrl(pages, transport, network, query))

    await first.ended
    expect(first.asked).toHaveLength(40)
    await heading(page, 'Reconnecting')
    await page.getByText('The bridge is away. The sync goes on where it stopped.').waitFor()
    await page.getByText(/No connection; next try in \d+ s/).waitFor()
    const away = await snapshot(page)
    expect(away.status).toBe('syncing')
    expect(away.error).toBeUndefined()

    const second = await startMortalBridge({ ...orders, ports: portsOf(first) })
    fixture.defer(second.kill)
    expect(second.multiaddrs).toEqual(first.multiaddrs)
    await heading(page, /^Verified/)
    const { progress } = await snapshot(page)
    const { accounts, slots, codes } = first
    expect(progress).toMatchObject({ accounts, slots, codes })
    expect(second.asked.filter((origin) => first.asked.includes(origin))).toEqual([])
    await page.close()
  },
)

function portsOf({ multiaddrs, url }: { multiaddrs: string[]; url: string }) {
  const port = (part: RegExp) => Number(part.exec(multiaddrs.join('\n'))?.[1])
  return {
    webrtcPort: port(/\/udp\/(\d+)/),
    wsPort: port(/\/tcp\/(\d+)/),
    httpPort: Number(new URL(url).port),
  }
}
