import { createMPT } from '@ethereumjs/mpt'
import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { changeAccounts } from '../../../../test/support/heal/changeAccounts.ts'
import { changeEntries } from '../../../../test/support/heal/changeEntries.ts'
import { LeafStore } from '../../../../test/support/heal/LeafStore.ts'
import { PathNodeStore } from '../../../../test/support/heal/PathNodeStore.ts'
import { type RunOptions, runSync } from '../../../../test/support/heal/runSync.ts'
import { pathKey, SyncTruth, type TruthAccount } from '../../../../test/support/heal/SyncTruth.ts'
import { SYNC_STORES } from '../../../../test/support/heal/syncStores.ts'
import { wasmKeccak } from '../../../../test/support/heal/wasmKeccak.ts'
import { randomLeaves } from '../../../../test/support/trie/randomLeaves.ts'
import { SeededRandom } from '../../../served/changing/SeededRandom.ts'
import type { TrieEntry } from '../../../trie/memory/MemoryTrie.ts'
import { newStateSync } from './newStateSync.ts'
import { TrieSync } from './TrieSync.ts'

const ROUNDS = 60
const first = new SeededRandom().seed

/** Runs a test for many seeds, and names the one at which it fails. */
async function forSeeds(test: (random: SeededRandom) => Promise<void>): Promise<void> {
  for (let seed = first; seed < first + ROUNDS; seed++) {
    try {
      await test(new SeededRandom(seed))
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
}

const delivery = (random: SeededRandom): RunOptions => ({
  batch: random.pick([1, 3, 10, 1000]),
  half: random.below(2) === 0,
  ...(random.below(2) === 0 ? { random } : {}),
})

/** Dies after some operations, most often after few. */
function deadly(random: SeededRandom): RunOptions {
  let left = random.below(random.pick([3, 20, 150]))
  return { ...delivery(random), mayApply: () => left-- > 0 }
}

function versions(random: SeededRandom): { truths: SyncTruth[]; keyNibbles: number } {
  let entries: TrieEntry[] = randomLeaves(random, 40)
  const keySize = entries[0]![0].length
  // The last nibble of a long key is where storage roots would stand.
  const cut = (entry: TrieEntry): TrieEntry =>
    keySize < 32 ? entry : [entry[0].with(31, 0), entry[1]]
  const truths = [1, 2, 3, 4].map(() => {
    const unique = new Map(entries.map(cut).map((entry) => [bytesToHex(entry[0]), entry]))
    entries = changeEntries(random, [...unique.values()], keySize)
    return SyncTruth.trie([...unique.values()])
  })
  return { truths, keyNibbles: keySize * 2 }
}

function states(random: SeededRandom): SyncTruth[] {
  let accounts: TruthAccount[] = []
  for (let growing = 0; growing < 4; growing++) accounts = changeAccounts(random, accounts)
  return [1, 2, 3, 4].map(() => {
    accounts = changeAccounts(random, accounts)
    return SyncTruth.state(accounts)
  })
}

describe.each(SYNC_STORES)(`random tries into %s, seeds from ${first}`, (_, create) => {
  it('end equal to each version in turn, after as many requests as nodes differ', async () => {
    await forSeeds(async (random) => {
      const { truths, keyNibbles } = versions(random)
      const store = create(keyNibbles)
      let old: SyncTruth | undefined
      for (const truth of truths) {
        const options = { keccak256: wasmKeccak, keyNibbles }
        const sync = await TrieSync.start(truth.root, store, options)
        const requested = await runSync(sync, store, truth, delivery(random))
        expect(store.differences(truth)).toEqual([])
        expect(sync.pending).toBe(0)
        const paths = requested.map(({ path }) => pathKey(path!)).sort()
        if (store instanceof PathNodeStore) expect(paths).toEqual(differing(old, truth))
        if (store instanceof LeafStore) expect(paths).toEqual(differingLeaves(old, truth))
        old = truth
      }
    })
  })

  it('end equal to the last version, however often they were interrupted', async () => {
    await forSeeds(async (random) => {
      const { truths, keyNibbles } = versions(random)
      const store = create(keyNibbles)
      const options = { keccak256: wasmKeccak, keyNibbles }
      for (let attempts = random.below(6); attempts > 0; attempts--) {
        const truth = random.pick(truths)
        const sync = await TrieSync.start(truth.root, store, options)
        await runSync(sync, store, truth, deadly(random))
      }
      const truth = random.pick(truths)
      const sync = await TrieSync.start(truth.root, store, options)
      await runSync(sync, store, truth, delivery(random))
      expect(store.differences(truth)).toEqual([])
    })
  })
})

describe.each(SYNC_STORES)(`random states into %s, seeds from ${first}`, (_, create) => {
  it('end equal to each version in turn, after as many requests as nodes differ', async () => {
    await forSeeds(async (random) => {
      const store = create()
      let old: SyncTruth | undefined
      for (const truth of states(random)) {
        const sync = await newStateSync(truth.root, store, { keccak256: wasmKeccak })
        const requested = await runSync(sync, store, truth, delivery(random))
        expect(store.differences(truth)).toEqual([])
        expect(sync.pending).toBe(0)
        const paths = requested.flatMap(({ path }) => (path ? [pathKey(path)] : [])).sort()
        if (store instanceof PathNodeStore) expect(paths).toEqual(differing(old, truth))
        if (store instanceof LeafStore) expect(paths).toEqual(differingLeaves(old, truth))
        const codes = requested.filter(({ path }) => path === undefined)
        expect(new Set(codes.map(({ hash }) => bytesToHex(hash))).size).toBe(codes.length)
        old = truth
      }
    })
  })

  it('end equal to the last version, however often they were interrupted', async () => {
    await forSeeds(async (random) => {
      const truths = states(random)
      const store = create()
      const options = { keccak256: wasmKeccak }
      // Mostly from a whole state, whose parts may mislead.
      const begin = random.pick([[], [truths[0]!]])
      for (const truth of begin) {
        await runSync(await newStateSync(truth.root, store, options), store, truth)
      }
      for (let attempts = random.below(6); attempts > 0; attempts--) {
        const truth = random.pick(truths)
        await runSync(await newStateSync(truth.root, store, options), store, truth, deadly(random))
      }
      const truth = random.pick(truths)
      const sync = await newStateSync(truth.root, store, options)
      await runSync(sync, store, truth, delivery(random))
      expect(store.differences(truth)).toEqual([])
    })
  })
})

it('has the roots of @ethereumjs/mpt', async () => {
  const random = new SeededRandom(first)
  for (let round = 0; round < 10; round++) {
    for (const truth of versions(random).truths) {
      const oracle = await createMPT()
      for (const [path, value] of truth.leaves) {
        await oracle.put(Buffer.from(path, 'hex'), Buffer.from(value, 'hex'))
      }
      expect(bytesToHex(truth.root)).toBe(bytesToHex(oracle.root()))
    }
  }
})

/** Paths at which the old trie has no node, or another one. */
function differing(old: SyncTruth | undefined, truth: SyncTruth): string[] {
  return [...truth.nodes]
    .filter(([path, { hash }]) => {
      const before = old?.nodes.get(path)
      return before === undefined || bytesToHex(before.hash) !== bytesToHex(hash)
    })
    .map(([path]) => path)
    .sort()
}

/**
 * Paths of nodes under which the old trie has other leaves: a derived node may stand where no node
 * did.
 */
function differingLeaves(old: SyncTruth | undefined, truth: SyncTruth): string[] {
  return [...truth.nodes.keys()].filter((path) => old?.under(path) !== truth.under(path)).sort()
}
