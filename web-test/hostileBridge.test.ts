import { RLP } from '@ethereumjs/rlp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Bridge } from '../bridge/src/createBridge.ts'
import { servePages } from '../scripts/lib/browser/servePages.mjs'
import type { Leaves } from '../src/leaves/Leaves.ts'
import { leafKey, leafValue } from '../src/leaves/Leaves.ts'
import { packLeaves } from '../src/leaves/packLeaves.ts'
import type { SnapResponse } from '../src/snap/SnapMessage.ts'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { exampleUrl, heading, snapshot } from './lib/examplePage.ts'
import { readTable } from './lib/storedState.ts'
import { syntheticState, testBridge, type Wrap } from './lib/testBridge.ts'

const fixture = new BrowserFixture()
const state = syntheticState({ seed: 11, accounts: 500, contracts: 0.3 })
let honest: Bridge
let pages: string

beforeAll(async () => {
  honest = await testBridge(state, fixture.path('identity-honest'))
  fixture.defer(() => honest.stop())
  pages = await servePages({ bridge: honest.url, defer: fixture.defer })
})
afterAll(() => fixture.end())

/** What a liar changes in an answer; `table` is what stays empty then. */
const LIES: {
  lie: string
  table: string
  code: string
  tell(answer: SnapResponse): SnapResponse
}[] = [
  {
    lie: 'an account left out',
    table: 'accounts',
    code: 'RANGE_PROOF',
    tell: (answer) =>
      answer.kind === 'AccountRange'
        ? { ...answer, accounts: changed(answer.accounts, (entries) => entries.splice(1, 1)) }
        : answer,
  },
  {
    lie: 'a balance changed',
    table: 'accounts',
    code: 'RANGE_PROOF',
    tell: (answer) =>
      answer.kind === 'AccountRange'
        ? { ...answer, accounts: changed(answer.accounts, makeRich) }
        : answer,
  },
  {
    lie: 'a proof withheld',
    table: 'accounts',
    code: 'RANGE_PROOF',
    tell: (answer) => (answer.kind === 'AccountRange' ? { ...answer, proof: [] } : answer),
  },
  {
    lie: 'a slot left out',
    table: 'slots',
    code: 'RANGE_PROOF',
    tell: (answer) => {
      if (answer.kind !== 'StorageRanges') return answer
      const large = answer.slots.findIndex(({ count }) => count > 1)
      const slots = answer.slots.map((list, index) =>
        index === large ? changed(list, (entries) => entries.splice(0, 1)) : list,
      )
      return { ...answer, slots }
    },
  },
  {
    lie: 'a code changed',
    table: 'codes',
    code: 'CODE_MISMATCH',
    tell: (answer) => {
      if (answer.kind !== 'ByteCodes') return answer
      return { ...answer, codes: answer.codes.map((code) => code.map((byte) => byte ^ 1)) }
    },
  },
]

test.each(LIES)(
  '$lie: the page names the liar, stores nothing of it, and completes with an honest bridge',
  async ({ lie, table, code, tell }) => {
    const name = lie.replaceAll(' ', '-')
    const wrap: Wrap = (handler) => async (request) => tell(await handler(request))
    const liar = await testBridge(state, fixture.path(`identity-${name}`), wrap)
    const page = await fixture.newPage()
    // Lies are above the transport; a WebSocket is the quicker one to close and open again.
    const query = { bridge: liar.url, transport: 'websocket', autostart: true } as const
    await page.goto(exampleUrl(pages, name, state.network, query))

    const blamed = `(peer ${liar.peerId.slice(0, 8)}…${liar.peerId.slice(-6)})`
    await page.locator('#log li', { hasText: code }).filter({ hasText: blamed }).first().waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: /Start|Go on/ }).waitFor()
    expect(await readTable(page, table)).toEqual([])
    expect((await snapshot(page)).status).toBe('idle')

    await page.getByLabel('Bridge').fill([...liar.multiaddrs, ...honest.multiaddrs].join('\n'))
    await page.getByRole('button', { name: /Start|Go on/ }).click()
    await heading(page, /^Verified/)
    const { accounts, slots, codes } = state
    expect((await snapshot(page)).progress).toMatchObject({ accounts, slots, codes })
    await page.close()
    await liar.stop()
  },
)

function changed(leaves: Leaves, change: (entries: [Uint8Array, Uint8Array][]) => void): Leaves {
  const entries = Array.from({ length: leaves.count }, (_, index): [Uint8Array, Uint8Array] => [
    leafKey(leaves, index),
    leafValue(leaves, index),
  ])
  change(entries)
  return packLeaves(entries)
}

function makeRich([first]: [Uint8Array, Uint8Array][]): void {
  if (first === undefined) return
  const fields = RLP.decode(first[1]) as Uint8Array[]
  first[1] = RLP.encode([fields[0]!, Uint8Array.of(0xff, ...fields[1]!), ...fields.slice(2)])
}
