import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { inject } from 'vitest'
import type { Snapshot } from '../../examples/sync/snapshot.ts'
import { startBridge } from '../../scripts/lib/startBridge.mjs'
import { watchPage } from '../../scripts/lib/watchPage.mjs'
import { Stage } from '../../web-test/lib/Stage.ts'
import { serveFolder } from '../../web-test/lib/serveFolder.ts'
import { CHAIN_ID, Wallet } from '../chain/Wallet.ts'
import { Chain } from '../geth/Chain.ts'
import { Geth } from '../geth/Geth.ts'
import { WALLET } from './seed.setup.ts'
import { serveHeads } from './serveHeads.ts'

/** How far behind the head a page stays, and how old a pivot may get: as short as it can be, so that pivots move often. */
const FOLLOWING = { distance: 1, maxAge: 8 }

const PAGES = join(import.meta.dirname, '..', '..', 'build', 'examples')

export interface FollowOptions {
  bridge: { url: string }
  chain: Chain
  /** Tells the blocks that the page trusts. */
  node: () => Geth
  /** What each request takes longer, in ms. */
  latency?: number
}

/** What a scenario needs, set up piece by piece, and all of it ended in the end. */
export class Rig {
  readonly #stage = new Stage()

  readonly defer = this.#stage.defer

  end(): Promise<void> {
    return this.#stage.end()
  }

  /** A geth of its own with the seed chain; it runs. */
  async geth(name: string): Promise<Geth> {
    const { executable, directory } = inject('seed')
    const geth = await Geth.create({
      ...{ executable, directory: this.#stage.path(name) },
      from: { directory },
    })
    this.defer(() => geth.stop('SIGKILL'))
    await geth.start()
    return geth
  }

  /** The seed chain, to go on with. */
  chain(proposer: Geth): Promise<Chain> {
    const blocks = JSON.parse(readFileSync(inject('seed').blocks, 'utf8'))
    this.defer(() => chain.then((chain) => chain.stop()).catch(() => {}))
    const chain = Chain.of(proposer, new Wallet(WALLET), blocks)
    return chain
  }

  /** A bridge as a process of its own that relays these. */
  bridge(geths: readonly Geth[], ports?: { webrtc: number; ws: number; http: number }) {
    const state = `rlpx:${geths.map(({ enode }) => enode).join(',')}`
    const identity = this.#stage.path('identity')
    return startBridge({ state, identity, ...(ports && { ports }), defer: this.defer })
  }

  /** A page that follows the chain. */
  async follow({ bridge, chain, node, latency }: FollowOptions): Promise<Page> {
    const heads = await serveHeads(() => node().rpc, this.defer)
    const url = new URL('sync/', await serveFolder(PAGES, this.defer))
    const query = {
      ...{ network: 'custom', chainId: CHAIN_ID, genesis: chain.genesis.hash, heads },
      ...{ bridge: `${bridge.url}/peers.json`, latency: latency ?? 0, autostart: '' },
      ...FOLLOWING,
    }
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    const page = await this.#stage.newPage()
    await page.goto(url.href)
    return page
  }
}

/** What a scenario takes at most until its next step, in ms; some take 20 s alone on two cores. */
const LIMIT_MS = 90_000

/** Resolves when the page is where it should be, with what it shows then. @throws {CommandError} when the page fails */
export function until(
  page: Page,
  what: string,
  done: (snapshot: Snapshot) => boolean,
): Promise<Snapshot> {
  return watchPage(page, done, undefined, { ms: LIMIT_MS, missed: `not ${what}` })
}

/** Changes what each request of the page takes longer, in ms. */
export function setLatency(page: Page, latency: number): Promise<void> {
  return page.evaluate((latency) => {
    Object.assign((globalThis as unknown as { cambium: object }).cambium, { latency })
  }, latency)
}
