import { afterAll, expect, test } from 'vitest'
import { createBridge } from '../bridge/src/createBridge.ts'
import { rlpxState } from '../bridge/src/rlpx/rlpxState.ts'
import { ExecutionHeaders } from '../bridge/test/ExecutionHeaders.ts'
import { type ExecutionNode, executionNode } from '../bridge/test/executionNode.ts'
import { servePages } from '../scripts/lib/browser/servePages.mjs'
import { fromHex } from '../src/base/bytes/hex.ts'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { exampleUrl, heading, snapshot } from './lib/examplePage.ts'
import { syntheticState } from './lib/testBridge.ts'

const fixture = new BrowserFixture()
const state = syntheticState({ seed: 5, accounts: 2_000, contracts: 0.2 })
afterAll(() => fixture.end())

/** A chain of one block on execution clients, and a bridge that relays from them. */
async function relaying(name: string, clients: number) {
  const headers = new ExecutionHeaders([fromHex(state.network.stateRoot, 'state root', 32)])
  const nodes: ExecutionNode[] = []
  for (let count = 0; count < clients; count++) {
    const node = await executionNode({ source: state.source, headers })
    fixture.defer(() => node.stop())
    nodes.push(node)
  }
  const lost: string[] = []
  const relayed = await rlpxState(nodes.map(({ enode }) => enode).join(), {
    onEvent: (event) => event.type === 'lost' && lost.push(event.reason),
  })
  await expect.poll(() => nodes.map(({ peers }) => peers.length)).toEqual(nodes.map(() => 1))
  const ports = { webrtcPort: 0, wsPort: 0, httpPort: 0 }
  const identityDir = fixture.path(`identity-${name}`)
  const bridge = await createBridge({ state: relayed, identityDir, ...ports })
  fixture.defer(() => bridge.stop())
  const pages = await servePages({ bridge: bridge.url, defer: fixture.defer })
  return { nodes, lost, bridge, pages, network: relayed.network }
}

test.each(['webrtc', 'websocket'] as const)(
  'a state that an execution client holds comes to a page over %s, all of it',
  async (transport) => {
    const { pages, bridge, network, nodes } = await relaying(transport, 1)
    const page = await fixture.newPage()
    const query = { bridge: bridge.url, transport, autostart: true } as const
    await page.goto(exampleUrl(pages, `relay-${transport}`, network, query))
    await heading(page, /^Verified/)
    const { accounts, slots, codes } = state
    expect((await snapshot(page)).progress).toMatchObject({ accounts, slots, codes })
    expect((await snapshot(page)).transport).toBe(transport)
    expect(nodes[0]!.faults).toEqual([])
    await page.close()
  },
)

test('an execution client that lies is found out by the page, and its bridge asks another', async () => {
  const { pages, bridge, network, nodes, lost } = await relaying('liar', 2)
  // Whichever is asked first.
  let liar: ExecutionNode | undefined
  for (const node of nodes) {
    node.tricks.answer = (_, honest) => {
      const answer = honest()
      if (answer.kind !== 'AccountRange') return answer
      liar ??= node
      if (node !== liar) return answer
      return { ...answer, proof: answer.proof.slice(1) }
    }
  }
  const page = await fixture.newPage()
  const query = { bridge: bridge.url, autostart: true }
  await page.goto(exampleUrl(pages, 'relay-liar', network, query))
  await page.locator('#log li', { hasText: 'RANGE_PROOF' }).first().waitFor()
  await heading(page, /^Verified/)
  expect(lost).toEqual(['gave a false answer to GetAccountRange'])
  const { accounts, slots, codes } = state
  expect((await snapshot(page)).progress).toMatchObject({ accounts, slots, codes })
  await page.close()
})
