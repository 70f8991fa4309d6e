import { beforeAll, expect, it } from 'vitest'
import { compareBytes } from '../../src/base/bytes/compareBytes.ts'
import { nextHash } from '../../src/base/bytes/hash32.ts'
import { toHex } from '../../src/base/bytes/hex.ts'
import { leafKey } from '../../src/leaves/Leaves.ts'
import { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import type { GetStorageRanges, StorageRanges } from '../../src/snap/SnapMessage.ts'
import type { KeyRange } from '../../src/store/KeyRange.ts'
import { openMemoryStore } from '../../src/store/openMemoryStore.ts'
import { estimateRemainingSlots } from '../../src/sync/download/estimateRemainingSlots.ts'
import { hashRanges } from '../../src/sync/download/hashRanges.ts'
import { MemoryTrie, type TrieEntry } from '../../src/trie/memory/MemoryTrie.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { gethPeers } from '../support/geth/gethPeers.ts'
import { gethState } from '../support/geth/gethState.ts'
import { stateOfHashed } from '../support/geth/stateOfHashed.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import { StateTruth } from '../support/sync/StateTruth.ts'
import { syncScenario } from '../support/sync/syncScenario.ts'
import { referenceAccounts } from '../support/trie/referenceState.ts'

const { honest, starving } = gethPeers

/** Bytes of the answers: few enough that 40,000 slots take a hundred of them. */
const ANSWER_BYTES = 16_000

/** Slots that a chunk should have at least: twice what fits into one answer of half a MiB. */
const SLOTS_PER_CHUNK = 16_384n

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

interface StorageExchange {
  peer: string
  request: GetStorageRanges
  response: StorageRanges
}

/**
 * Syncs to the end, compares all that is stored, and returns what was asked and answered of
 * storage.
 */
async function synced(truth: StateTruth, peers: TestPeers): Promise<StorageExchange[]> {
  const store = await openMemoryStore()
  const { completed, faults } = await syncScenario(truth, { store, verifier, peers })
  expect(faults).toEqual([])
  expect(completed).toBe(true)
  await truth.expectStored(store.completed)
  return peers.exchanges.flatMap(({ peer, request, response }) => {
    if (request.kind !== 'GetStorageRanges' || response?.kind !== 'StorageRanges') return []
    return [{ peer, request, response }]
  })
}

/** A contract with slots at random keys and at these. */
function contract(slots: number, random: SeededRandom, keys: readonly Uint8Array[] = []) {
  const entries = Array.from(
    { length: slots },
    (): TrieEntry => [random.bytes(32), Uint8Array.of(1)],
  )
  const storage = MemoryTrie.from([
    ...entries,
    ...keys.map((key): TrieEntry => [key, Uint8Array.of(2)]),
  ])
  const accounts = referenceAccounts(1, { storageRoot: () => storage.root, code: false })
  return new StateTruth(stateOfHashed({ accounts, storages: [storage] }))
}

/** The chunks into which the rest is to be split after the first answer. */
function chunksAfter({ response }: StorageExchange): KeyRange[] {
  const [slots] = response.slots
  const lastKey = leafKey(slots!, slots!.count - 1)
  const count = estimateRemainingSlots(slots!.count, lastKey) / SLOTS_PER_CHUNK + 1n
  return hashRanges(nextHash(lastKey)!, Math.min(16, Number(count)))
}

const peersOf = (truth: StateTruth, count: number) =>
  new TestPeers(
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => {
        return [`peer-${index}`, starving(honest(truth.state), 'GetStorageRanges', ANSWER_BYTES)]
      }),
    ),
  )

/**
 * After the first answer each chunk is asked for from its beginning on, every range once, and no
 * other.
 */
function expectChunked([begin, ...rest]: readonly StorageExchange[]): void {
  expect(begin!.request.origin).toHaveLength(0)
  const chunks = chunksAfter(begin!)
  const limits = new Set(rest.map(({ request }) => toHex(request.limit)))
  expect([...limits].sort()).toEqual(chunks.map(({ last }) => toHex(last)))
  for (const { first, last } of chunks) {
    const asked = rest.filter(({ request }) => compareBytes(request.limit, last) === 0)
    const origins = asked.map(({ request }) => toHex(request.origin))
    expect(origins).toEqual([...new Set(origins)].sort())
    expect(origins[0]).toBe(toHex(first))
  }
}

it('a large contract is fetched in chunks, from several peers at once, each slot once', async () => {
  const truth = contract(40_000, new SeededRandom(61))
  const exchanges = await synced(truth, peersOf(truth, 3))
  expect(chunksAfter(exchanges[0]!)).toHaveLength(3)
  expectChunked(exchanges)
  expect(new Set(exchanges.map(({ peer }) => peer)).size).toBe(3)
  const delivered = exchanges.flatMap(({ response }) => response.slots.map(({ count }) => count))
  // A server adds the first slot behind the limit, which is another chunk's.
  const twice = delivered.reduce((sum, count) => sum + count) - 40_000
  expect(twice).toBeLessThanOrEqual(2)
})

it('a large contract may have slots on the very ends of its chunks', async () => {
  const seed = 62
  const plain = contract(40_000, new SeededRandom(seed))
  const [first] = await synced(plain, peersOf(plain, 1))
  const ends = chunksAfter(first!).slice(0, -1)
  // Later slots do not change the first answer, and so neither the chunks.
  const keys = ends.flatMap(({ last }) => [last, nextHash(last)!])
  const truth = contract(40_000, new SeededRandom(seed), keys)
  const exchanges = await synced(truth, peersOf(truth, 2))
  expect(chunksAfter(exchanges[0]!).map(({ last }) => toHex(last))).toEqual(
    chunksAfter(first!).map(({ last }) => toHex(last)),
  )
  expectChunked(exchanges)
})

it('a contract that only looks large is proven empty where it is, as in TestSyncWithUnevenStorage', async () => {
  const truth = new StateTruth(gethState.unevenStorage(3, 256, new SeededRandom(25)))
  const source = starving(honest(truth.state), 'GetStorageRanges', 128)
  const exchanges = await synced(truth, new TestPeers({ source }))
  const empty = exchanges.filter(({ request, response }) => {
    const none = response.slots.every(({ count }) => count === 0)
    return none && response.proof.length > 0 && request.origin.length > 0
  })
  // Two ranges of the first contract, and one of the last, hold nothing.
  expect(empty.length).toBeGreaterThanOrEqual(3)
  expect(empty.every(({ request }) => request.limit.length > 0)).toBe(true)
})

it('a contract of more than one answer, and not so large, is one chunk', async () => {
  const truth = contract(10_000, new SeededRandom(63))
  const exchanges = await synced(truth, peersOf(truth, 2))
  expect(chunksAfter(exchanges[0]!)).toHaveLength(1)
  const origins = exchanges.map(({ request }) => toHex(request.origin))
  expect(origins).toEqual([...new Set(origins)].sort())
})
