import { beforeEach, expect, test, vi } from 'vitest'
import { traffic } from './chain/traffic.ts'
import { ChainFixture } from './lib/ChainFixture.ts'
import { finish, inMidSync, nothingProven, until } from './lib/follower.ts'

/** Makes a download take some 15 s. */
const LATENCY_MS = 400

const REORG_DEPTH = 20

let chainFixture: ChainFixture
beforeEach(() => {
  chainFixture = new ChainFixture()
  return () => chainFixture.end()
})

/** Resolves when the chain has so many blocks more. */
function passes(chain: { readonly height: number }, blocks: number) {
  const height = chain.height + blocks
  return vi.waitFor(() => expect(chain.height).toBeGreaterThanOrEqual(height), { timeout: 60_000 })
}

test.each([
  ['SIGTERM', 'websocket'],
  ['SIGKILL', 'webrtc'],
] as const)(
  'geth ends in mid-sync by %s, comes back some blocks later, and the sync finishes over %s',
  async (signal, transport) => {
    const geth = await chainFixture.geth('geth')
    // The chain grows while the node is away.
    const proposer = await chainFixture.geth('proposer')
    const chain = await chainFixture.chain(proposer)
    await chain.follow(geth)
    const bridge = await chainFixture.bridge([geth])
    chain.start(1_000, traffic)
    const options = { bridge, chain, node: () => proposer, latency: LATENCY_MS, transport }
    const page = await chainFixture.follow(options)
    await inMidSync(page)
    await chain.leave(geth)
    await geth.stop(signal)
    await passes(chain, 3)
    const { enode } = geth
    await geth.start()
    expect(geth.enode).toBe(enode)
    await chain.follow(geth)
    await nothingProven(page)
    const { synced } = await finish(chainFixture, page, chain, geth)
    expect(synced.transport).toBe(transport)
  },
)

test('a second geth joins in mid-sync, the first goes away, and the sync finishes', async () => {
  const first = await chainFixture.geth('first')
  // Started once, so that its enode is known.
  const second = await chainFixture.geth('second')
  await second.stop()
  const chain = await chainFixture.chain(first)
  const bridge = await chainFixture.bridge([first, second])
  chain.start(1_000, traffic)
  let node = first
  // The second geth needs some seconds, in which nothing may be proven yet.
  const latency = 2 * LATENCY_MS
  const page = await chainFixture.follow({ bridge, chain, node: () => node, latency })
  await inMidSync(page)
  await second.start()
  await chain.hand(second)
  await expect.poll(() => second.rpc.call('admin_peers'), { timeout: 60_000 }).toHaveLength(1)
  node = second
  await chain.leave(first)
  await first.stop('SIGKILL')
  await nothingProven(page)
  await finish(chainFixture, page, chain, second)
})

test(`a reorg of ${REORG_DEPTH} blocks in mid-sync, and the sync finishes on the new branch`, async () => {
  const geth = await chainFixture.geth('geth')
  const smith = await chainFixture.geth('smith')
  const chain = await chainFixture.chain(geth)
  for (let block = 0; block < REORG_DEPTH; block++) await chain.produce(traffic(chain.height + 1))
  const bridge = await chainFixture.bridge([geth])
  chain.start(1_000, traffic)
  // Old enough that no pivot is left because of its age.
  const options = { bridge, chain, node: () => geth, latency: LATENCY_MS, maxPivotAge: 100 }
  const page = await chainFixture.follow(options)
  await inMidSync(page)
  const { pivot } = await nothingProven(page)
  const left = chain.blocks.find(({ blockHash }) => blockHash === pivot?.hash)
  await chain.reorg(REORG_DEPTH, smith, (number) => traffic(number, 1))
  expect(left).toBeDefined()
  expect(chain.blocks).not.toContain(left)
  const moved = await until(page, 'at another pivot', (now) => now.pivot?.hash !== pivot?.hash)
  expect(moved.rounds.proven).toBe(0)
  expect(chain.blocks.map(({ blockHash }) => blockHash)).toContain(moved.pivot?.hash)
  await finish(chainFixture, page, chain, geth)
})

test('the bridge restarts in mid-sync, keeps its addresses, and the sync finishes', async () => {
  const geth = await chainFixture.geth('geth')
  const chain = await chainFixture.chain(geth)
  const bridge = await chainFixture.bridge([geth])
  chain.start(1_000, traffic)
  const page = await chainFixture.follow({ bridge, chain, node: () => geth, latency: LATENCY_MS })
  await inMidSync(page)
  await bridge.stop()
  const [webrtc, ws] = bridge.multiaddrs.map((address) =>
    Number(/\/(?:udp|tcp)\/(\d+)\//.exec(address)?.[1]),
  )
  const http = Number(new URL(bridge.url).port)
  const next = await chainFixture.bridge([geth], { webrtc: webrtc!, ws: ws!, http })
  expect(next.multiaddrs).toEqual(bridge.multiaddrs)
  await nothingProven(page)
  await finish(chainFixture, page, chain, geth)
})
