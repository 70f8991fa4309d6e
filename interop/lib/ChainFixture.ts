import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { inject } from 'vitest'
import { startBridge } from '../../scripts/lib/startBridge.mjs'
import { BrowserFixture } from '../../web-test/lib/BrowserFixture.ts'
import { serveFolder } from '../../web-test/lib/serveFolder.ts'
import { CHAIN_ID, Wallet } from '../chain/Wallet.ts'
import { Chain } from '../geth/Chain.ts'
import { Geth } from '../geth/Geth.ts'
import { WALLET } from './seed.setup.ts'
import { serveHeads } from './serveHeads.ts'

/** How far behind the head a page stays. */
export const PIVOT_DISTANCE = 1

/** How old a pivot may get in most scenarios: so short that a download outlives it. */
const MAX_PIVOT_AGE = 8

const PAGES = join(import.meta.dirname, '..', '..', 'build', 'examples')

export type Bridge = Awaited<ReturnType<typeof startBridge>>

export interface FollowOptions {
  bridge: Bridge
  chain: Chain
  /** Tells the blocks that the page trusts. */
  node: () => Geth
  /** What each request takes longer, in ms, until `setLatency` says otherwise. */
  latency: number
  /** How old a pivot may get. @default 8 */
  maxPivotAge?: number
  /** @default 'webrtc' */
  transport?: 'webrtc' | 'websocket'
}

/** What a scenario needs, set up piece by piece, and all of it ended in the end. */
export class ChainFixture {
  readonly #fixture = new BrowserFixture()

  readonly defer = this.#fixture.defer

  end(): Promise<void> {
    return this.#fixture.end()
  }

  path(name: string): string {
    return this.#fixture.path(name)
  }

  /**
   * A geth of its own with the seed chain, or with a chain that begins with this genesis block; it
   * runs.
   */
  async geth(name: string, genesis?: object): Promise<Geth> {
    const { executable, directory } = inject('seed')
    const geth = await Geth.create({
      ...{ executable, directory: this.path(name) },
      from: genesis === undefined ? { directory } : { genesis },
    })
    this.defer(() => geth.stop('SIGKILL'))
    await geth.start()
    return geth
  }

  /** The seed chain, to be continued. */
  async chain(proposer: Geth): Promise<Chain> {
    const blocks = JSON.parse(readFileSync(inject('seed').blocks, 'utf8'))
    const chain = await Chain.of(proposer, new Wallet(WALLET), blocks)
    // What went wrong with a block is told where the scenario stops the chain.
    this.defer(() => chain.stop().catch(() => {}))
    return chain
  }

  /**
   * A bridge as a process of its own that relays these. The next one of a scenario has the keys of
   * the one before.
   */
  bridge(geths: readonly Geth[], ports?: { webrtc: number; ws: number; http: number }) {
    const state = `rlpx:${geths.map(({ enode }) => enode).join(',')}`
    const identity = this.path('identity')
    return startBridge({ state, identity, ...(ports && { ports }), defer: this.defer })
  }

  /** A page that follows the chain from now on. */
  async follow(options: FollowOptions): Promise<Page> {
    const { bridge, chain, node, latency } = options
    const { maxPivotAge = MAX_PIVOT_AGE, transport = 'webrtc' } = options
    const heads = await serveHeads(() => node().rpc, this.defer)
    const url = new URL('sync/', await serveFolder(PAGES, this.defer))
    const query = {
      ...{ network: 'custom', chainId: CHAIN_ID, genesis: chain.genesis.hash, heads },
      ...{ bridge: `${bridge.url}/peers.json`, transport, latency },
      ...{ distance: PIVOT_DISTANCE, maxAge: maxPivotAge, autostart: '' },
    }
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    const page = await this.#fixture.newPage()
    await page.goto(url.href)
    return page
  }

  /**
   * Another page in the place of one that has paused: what it knows comes from the disk, which it
   * looks through.
   */
  async reopen(page: Page): Promise<Page> {
    const url = new URL(page.url())
    url.searchParams.delete('autostart')
    url.searchParams.set('audit', '')
    await page.close()
    const fresh = await this.#fixture.newPage()
    await fresh.goto(url.href)
    return fresh
  }
}
