import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { MemoryBackend } from '../../src/store/backend/MemoryBackend.ts'
import type { StoreBackend } from '../../src/store/backend/StoreBackend.ts'
import { PagedStore } from '../../src/store/PagedStore.ts'
import { DerivedState } from '../../src/sync/audit/DerivedState.ts'
import { HealStore } from '../../src/sync/heal/HealStore.ts'
import { readJournal } from '../../src/sync/journal/Journal.ts'
import { readIncompleteAccounts } from '../../src/sync/journal/readIncompleteAccounts.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { healedNodes } from '../support/heal/healedNodes.ts'
import { capped } from '../support/peers/handlers.ts'
import { servedItems } from '../support/peers/servedItems.ts'
import { servedStates } from '../support/peers/servedStates.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import { copyBackend } from '../support/store/copyBackend.ts'
import { type Death, dyingBackend } from '../support/store/dyingBackend.ts'
import {
  codeOf,
  crowdedSlots,
  plainAccounts,
  type Sketches,
  slotsOf,
  stateOf,
} from '../support/sync/accounts.ts'
import { hexPairs, type StateTruth } from '../support/sync/StateTruth.ts'
import { SyncFixture } from '../support/sync/SyncFixture.ts'

let verifier: Verifier
let completed: StoreBackend

const FIRST: Sketches = {
  ...plainAccounts(24),
  '3-large': { slots: crowdedSlots(1, 90), code: codeOf(1) },
  '5-small': { slots: slotsOf(2, 3), code: codeOf(2) },
  '5-twin': { slots: slotsOf(2, 3), code: codeOf(3) },
  '9-shrinks': { slots: slotsOf(4, 8), code: codeOf(2) },
}
const SECOND: Sketches = {
  ...FIRST,
  ...plainAccounts(3, 7n),
  'plain 20': undefined,
  '3-large': { slots: crowdedSlots(1, 90).with(60, slotsOf(9, 1)[0]!), code: codeOf(1) },
  '9-shrinks': { slots: slotsOf(4, 1), code: codeOf(2) },
  'a-new': { slots: slotsOf(6, 9), code: codeOf(6) },
}
const first = stateOf(FIRST)
const second = stateOf(SECOND)
/** Healed in several transactions, as codes are heavy. */
const heavy = stateOf({
  ...SECOND,
  ...Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`heavy ${index}`, { code: codeOf(index, 24_000) }]),
  ),
})
const third = stateOf({ ...SECOND, ...plainAccounts(2, 9n), '3-large': FIRST['3-large'] })
const empty = stateOf({})

function bench(backend: StoreBackend): SyncFixture {
  const handler = capped(servedStates(first, second, heavy, third), 700)
  return new SyncFixture({ verifier, backend, peers: new TestPeers({ a: handler, b: handler }) })
}

beforeAll(async () => {
  verifier = await createVerifier()
  const run = bench(new MemoryBackend())
  await run.sync(first)
  completed = run.backend
})

interface Story {
  /** What the database holds before. */
  before: () => Promise<MemoryBackend>
  run: (bench: SyncFixture) => Promise<void>
  /** What is synced after the death. */
  resume: StateTruth
  everyDeath?: true
}

const nothing = async () => new MemoryBackend()
/** In mid-chunk. */
const move = (run: SyncFixture) =>
  run.interrupt(first, ({ committed }) => {
    return committed?.slots !== undefined && run.peers.asked('GetStorageRanges').length > 6
  })

const DEATHS: [string, Death][] = [
  ['whose store fails at any of its transactions', 'fails'],
  ['whose store never answers from any transaction on', 'hangs'],
  ['killed right after any transaction', 'dies'],
]

const STORIES: [string, Story][] = [
  [
    'a sync of one root',
    { before: nothing, run: (run) => run.sync(first), resume: first, everyDeath: true },
  ],
  [
    'a sync of one root, and on to another',
    { before: nothing, run: (run) => run.sync(first), resume: second },
  ],
  [
    'a sync whose root moves in mid-chunk',
    {
      before: nothing,
      run: (run) => move(run).then(() => run.sync(second)),
      resume: second,
      everyDeath: true,
    },
  ],
  [
    'a heal of a completed state',
    {
      before: () => copyBackend(completed),
      run: (run) => run.sync(heavy),
      resume: heavy,
      everyDeath: true,
    },
  ],
  [
    'a heal of a completed state, and on to another root',
    { before: () => copyBackend(completed), run: (run) => run.sync(heavy), resume: third },
  ],
]

/** The completed state is one of those that were synced, as a whole, or none. */
async function expectReadable(backend: StoreBackend): Promise<void> {
  const store = new PagedStore(backend)
  const completion = await store.completion()
  const truth = [first, second, heavy, third].find(({ root }) => {
    return completion && bytesToHex(completion.root) === bytesToHex(root)
  })
  expect(truth === undefined).toBe(completion === undefined)
  await (truth ?? empty).expectStored(store.completed, { formerCodes: true })
}

/** Leaves and codes that a database holds for the state that is being synced. */
async function storedItems(store: PagedStore, truth: StateTruth): Promise<Set<string>> {
  const items = new Set<string>()
  for (const table of [store.working.accounts(), store.working.slots()]) {
    for await (const leaves of table) {
      for (const [key, value] of hexPairs(leaves)) items.add(`${key}=${value}`)
    }
  }
  for (const hash of truth.codes.keys()) {
    if ((await store.working.hasCodes([hexToBytes(hash)]))[0]) items.add(hash)
  }
  return items
}

/**
 * Resumes: the end is the same, and nothing that was stored comes again. Behind the cursors of a
 * root that moved accounts do, in one request of a task, as only they tell which storage they have
 * now.
 */
async function expectResumed(backend: MemoryBackend, { resume }: Story): Promise<void> {
  await expectReadable(backend)
  const killed = new PagedStore(await copyBackend(backend))
  const stored = await storedItems(killed, resume)
  const { tasks } = readJournal(await killed.journal())
  const run = bench(backend)
  await run.sync(resume)
  await run.expectComplete(resume)

  const again = run.peers.exchanges.flatMap((exchange) => {
    const items = servedItems([exchange], verifier).filter((item) => stored.has(item))
    return items.length > 0 ? [items] : []
  })
  const rewound = (item: string) => {
    const task = tasks[Number.parseInt(item[0]!, 16)]!
    const cursor = task.pending[0]?.accountHash ?? task.next
    return item.indexOf('=') === 64 && cursor !== undefined && item >= bytesToHex(cursor)
  }
  expect(resume === first ? again : again.filter((items) => !items.every(rewound))).toEqual([])
  expect(new Set(again.map(([item]) => item![0])).size).toBe(again.length)
  if ((await killed.completion()) !== undefined) await expectHealedOnce(killed, run)
}

/** Each node came once, and no node whose leaves, storage and codes were all stored. */
async function expectHealedOnce(killed: PagedStore, { peers }: SyncFixture): Promise<void> {
  const { incomplete } = readIncompleteAccounts(await killed.journal())
  const derived = new DerivedState(killed.working, verifier)
  const stored = new HealStore(killed.working, derived, incomplete)
  const nodes = healedNodes(peers.exchanges)
  expect(new Set(nodes.map(({ path }) => path.join(' '))).size).toBe(nodes.length)
  for (const { path, encoded } of nodes) {
    expect(await stored.hasNode(path, verifier.keccak256(encoded))).toBe(false)
  }
}

describe.each(STORIES)('%s', (_, story) => {
  it.each<[string, Death]>(DEATHS.filter(([, death]) => death === 'dies' || story.everyDeath))(
    '%s, ends in the same state when it goes on',
    async (_, death) => {
      let deaths = 0
      for (let at = 1; ; at++) {
        const backend = await story.before()
        const { backend: dying, dead } = dyingBackend(backend, death, at)
        const run = bench(dying)
        const ended = await Promise.race([
          story.run(run).then(
            () => true,
            () => false,
          ),
          dead.then(() => false),
        ])
        run.abandon()
        if (ended) break
        deaths++
        try {
          await expectResumed(backend, story)
        } catch (error) {
          throw new Error(`death at transaction ${at}: ${error}`, { cause: error })
        }
      }
      expect(deaths).toBeGreaterThan(8)
    },
  )
})
