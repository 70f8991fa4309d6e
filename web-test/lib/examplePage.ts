import type { Page } from 'playwright-core'
import type { StateSyncHandle } from '../../dist/index.js'
import type { Snapshot } from '../../examples/sync/snapshot.ts'
import type { Network } from '../../src/chain/networks.ts'

/** What the example page gives to programs that drive it. */
interface Driven {
  cambium: { snapshot(): Snapshot; handle: StateSyncHandle }
}

/** What the example page is to do; see `examples/sync/query.ts`. */
export interface ExampleQuery {
  /** Where the bridge tells its addresses. */
  bridge?: string
  transport?: 'webrtc' | 'websocket'
  autostart?: boolean
  audit?: boolean
}

/**
 * The address of the example page.
 *
 * @param pages where the built pages are served, on loopback
 * @param origin a name for an origin of its own, so that tests share a browser and no storage; any
 *   `*.localhost` is loopback to a browser, and a secure context
 */
export function exampleUrl(
  pages: string,
  origin: string,
  state: Network,
  query: ExampleQuery = {},
) {
  const url = new URL('sync/', pages)
  url.hostname = `${origin}.localhost`
  const known = ['mainnet', 'sepolia', 'holesky', 'hoodi'].includes(state.name)
  if (known) url.searchParams.set('network', state.name)
  else {
    url.searchParams.set('root', state.stateRoot)
    url.searchParams.set('chainId', String(state.chainId))
    url.searchParams.set('genesis', state.genesisHash)
  }
  if (query.bridge !== undefined) url.searchParams.set('bridge', query.bridge)
  if (query.transport !== undefined) url.searchParams.set('transport', query.transport)
  if (query.autostart) url.searchParams.set('autostart', '')
  if (query.audit) url.searchParams.set('audit', '')
  return url.href
}

export function snapshot(page: Page): Promise<Snapshot> {
  return page.evaluate(() => (globalThis as unknown as Driven).cambium.snapshot())
}

/** Resolves when the page's heading says this. */
export async function heading(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('heading', { name }).waitFor({ timeout: 60_000 })
}

/** Resolves when the page has opened the state that it is to sync. */
export async function opened(page: Page): Promise<void> {
  await page.waitForFunction(
    () => (globalThis as unknown as Partial<Driven>).cambium?.snapshot().status === 'idle',
  )
}

/** Reads through the page's open handle, as an app would. */
export function read(page: Page, address: string, slots: readonly string[] = []) {
  return page.evaluate(
    async ([address, slots]) => {
      const { handle } = (globalThis as unknown as Driven).cambium
      const account = await handle.getAccount(address)
      const code = await handle.getCode(address)
      const storage: string[] = []
      for (const slot of slots) {
        storage.push((await handle.getStorage(address, slot as `0x${string}`)).value)
      }
      return { account, code, storage }
    },
    [address, slots] as const,
  )
}
