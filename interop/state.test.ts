import { beforeEach, expect, test } from 'vitest'
import { toHex } from '../src/base/bytes/hex.ts'
import { SeededRandom } from '../src/served/changing/SeededRandom.ts'
import { LARGE, SMALL } from './chain/population.ts'
import { traffic } from './chain/traffic.ts'
import { ChainFixture } from './lib/ChainFixture.ts'
import { finish, inMidSync, setLatency, until } from './lib/follower.ts'
import type { InteropResult } from './lib/InteropResult.ts'
import { askGeth, askPage, type Questions } from './lib/readStates.ts'
import { type StateTruth, stateTruth } from './lib/stateTruth.ts'

const SAMPLES = 200

/** How often the pivot moves at least. */
const MOVES = 5

const random = new SeededRandom()

let chainFixture: ChainFixture
beforeEach(() => {
  chainFixture = new ChainFixture()
  return () => chainFixture.end()
})

test(`a browser has the full state of geth, which makes a block every second meanwhile (seed ${random.seed})`, async ({
  task,
}) => {
  const geth = await chainFixture.geth('geth')
  const chain = await chainFixture.chain(geth)
  const bridge = await chainFixture.bridge([geth])
  chain.start(1_000, traffic)
  // A download takes some 50 requests, one after the other, and so outlives the 8 blocks that its
  // pivot has.
  const page = await chainFixture.follow({ bridge, chain, node: () => geth, latency: 600 })
  await inMidSync(page)
  await until(page, 'at its third pivot in mid-sync', ({ rounds }) => rounds.left >= 2)
  await setLatency(page, 0)
  await until(page, `past ${MOVES} moves`, ({ progress }) => (progress?.pivotMoves ?? 0) > MOVES)
  const { fresh, synced, truth, audit } = await finish(chainFixture, page, chain, geth)

  const { accounts, slots, contracts, codes } = await stateTruth(geth.rpc, truth.number)
  const asked = questions({ accounts, slots, contracts, codes })
  const answers = await askPage(fresh, truth.stateRoot, asked)
  const expected = await askGeth(geth.rpc, truth.number, asked)
  const result: InteropResult = {
    ...{ accounts: audit.accounts, slots: audit.slots, codes: audit.codes },
    pivotMoves: synced.progress?.pivotMoves ?? 0,
    rootMatches: audit.root === truth.stateRoot,
    samplesMatch: JSON.stringify(answers) === JSON.stringify(expected),
    seconds: Number(((synced.progress?.elapsedMs ?? 0) / 1000).toFixed(1)),
  }
  task.meta.interop = result
  expect(answers).toEqual(expected)
  expect(audit).toMatchObject({ accounts: accounts.length, slots: slots.length, codes })
  expect(accounts.length).toBeGreaterThanOrEqual(20_000)
  expect(slots.length).toBeGreaterThanOrEqual(100_000)
  expect(slots.filter(({ address }) => address === LARGE.address).length).toBeGreaterThan(50_000)
  expect(codes).toBeGreaterThanOrEqual(64)
  expect(result.pivotMoves).toBeGreaterThanOrEqual(MOVES)
  expect(synced.progress?.healed.nodes).toBeGreaterThan(0)
  expect(await chain.failures()).toEqual([])
  const roots = chain.blocks.map(({ stateRoot }) => stateRoot)
  expect(new Set(roots).size).toBe(roots.length)
})

/** Some of all that there is, and some of what there is not, or not any more. */
function questions(truth: StateTruth): Questions {
  const some = <Item>(count: number, item: () => Item) => Array.from({ length: count }, item)
  const stranger = () => toHex(random.bytes(20))
  const slot = (number: number) => `0x${number.toString(16).padStart(64, '0')}` as const
  return {
    accounts: [
      ...some(SAMPLES - 20, () => random.pick(truth.accounts)),
      ...some(10, stranger),
      ...some(10, () => random.pick(SMALL).address),
    ],
    slots: [
      ...some(SAMPLES - 20, () => random.pick(truth.slots)),
      ...some(10, () => ({ address: LARGE.address, slot: slot(40_000 + random.below(500)) })),
      ...some(10, () => ({ address: random.pick(SMALL).address, slot: slot(random.below(15)) })),
    ],
    codes: [
      ...some(SAMPLES - 20, () => random.pick(truth.contracts)),
      ...some(10, () => random.pick(truth.accounts)),
      ...some(10, () => random.pick(SMALL).address),
    ],
  }
}
