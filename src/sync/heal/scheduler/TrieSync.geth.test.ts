import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { HashNodeStore } from '../../../../test/support/heal/HashNodeStore.ts'
import { LeafStore } from '../../../../test/support/heal/LeafStore.ts'
import { PathNodeStore } from '../../../../test/support/heal/PathNodeStore.ts'
import { type RunOptions, runSync, type Wanted } from '../../../../test/support/heal/runSync.ts'
import type { SyncTestStore } from '../../../../test/support/heal/SyncTestStore.ts'
import { pathKey, SyncTruth } from '../../../../test/support/heal/SyncTruth.ts'
import { SYNC_STORES } from '../../../../test/support/heal/syncStores.ts'
import { wasmKeccak } from '../../../../test/support/heal/wasmKeccak.ts'
import { referenceHealEntries } from '../../../../test/support/trie/referenceState.ts'
import { emptyRoot } from '../../../account/emptyHashes.ts'
import { SeededRandom } from '../../../served/changing/SeededRandom.ts'
import type { TrieEntry } from '../../../trie/memory/MemoryTrie.ts'
import { bytesToNibbles } from '../../../trie/nibbles.ts'
import { TrieSync } from './TrieSync.ts'

// The scenarios of go-ethereum's trie/sync_test.go, by their names, over stores of three kinds.

const entries = referenceHealEntries()
const truth = SyncTruth.trie(entries)
const random = new SeededRandom()

const added = Array.from(
  { length: 10 },
  (): TrieEntry => [wasmKeccak(random.bytes(32)), random.bytes(32)],
)
const more = SyncTruth.trie([...entries, ...added])
const changed = SyncTruth.trie(entries.map(([key]): TrieEntry => [key, random.bytes(32)]))

/** Syncs a trie to its end, and checks that the store then has it and nothing beside it. */
async function syncWith(
  target: SyncTruth,
  store: SyncTestStore,
  options: RunOptions & { keyNibbles?: number } = {},
): Promise<Wanted[]> {
  const { keyNibbles = 64 } = options
  const sync = await TrieSync.start(target.root, store, { keccak256: wasmKeccak, keyNibbles })
  const requested = await runSync(sync, store, target, options)
  expect(sync.pending).toBe(0)
  expect(sync.memSize).toBe(0)
  expect(store.differences(target).slice(0, 5)).toEqual([])
  return requested
}

const hashes = (wanted: readonly Wanted[]) => wanted.map(({ hash }) => bytesToHex(hash))

it('has the golden trie', () => {
  expect(bytesToHex(truth.root)).toBe(
    'ba5abc05d42d3979981b2e1cd3e150af4ca5c0b6c24b6e0efdbab100d9b976a0',
  )
  expect(truth.nodes.size).toBe(4121)
})

describe.each(SYNC_STORES)(`into %s, seed ${random.seed}`, (_, create) => {
  it('TestEmptySync', async () => {
    const store = create()
    const sync = await TrieSync.start(emptyRoot(), store, { keccak256: wasmKeccak })
    expect(sync.missing()).toEqual({ nodes: [], codes: [] })
    expect(sync.pending).toBe(0)
  })

  describe.each([1, 100])('in batches of %i', (batch) => {
    it('TestIterativeSync', async () => {
      for (const by of ['hash', 'path'] as const) {
        expect(await syncWith(truth, create(), { batch, by })).toHaveLength(4121)
      }
    })

    it('TestIterativeRandomSyncIndividual', async () => {
      await syncWith(truth, create(), { batch, random })
    })
  })

  it('TestIterativeDelayedSync', async () => {
    await syncWith(truth, create(), { half: true })
  })

  it('TestIterativeRandomDelayedSync', async () => {
    await syncWith(truth, create(), { half: true, random })
  })

  it('TestDuplicateAvoidanceSync', async () => {
    const requested = await syncWith(truth, create())
    expect(new Set(hashes(requested)).size).toBe(requested.length)
    // And again: there is nothing left to ask for.
    const store = create()
    await syncWith(truth, store)
    expect(await syncWith(truth, store)).toEqual([])
  })

  it('TestIncompleteSyncHash', async () => {
    const store = create()
    const small = SyncTruth.trie(entries.slice(0, 300))
    const sync = await TrieSync.start(small.root, store, { keccak256: wasmKeccak })
    let complete = 0
    const stop = async () => {
      const stored: string[] = []
      for (const [path, { hash }] of small.nodes) {
        const nibbles = Uint8Array.from(path, (digit) => Number.parseInt(digit, 16))
        if (await store.hasNode(nibbles, hash)) stored.push(path)
      }
      const missing = store.differences(small)
      // What a store says to have is there down to its leaves.
      const holes = missing.filter((line) =>
        stored.some((path) => line.startsWith('missing') && line.slice(8).startsWith(path)),
      )
      expect(holes).toEqual([])
      expect(stored.length).toBeGreaterThanOrEqual(complete)
      complete = stored.length
      return false
    }
    await runSync(sync, store, small, { batch: 7, stop })
    expect(complete).toBe(small.nodes.size)
    expect(store.differences(small)).toEqual([])
    // Every loss is noticed: of a node by the look for it, of a leaf by all nodes above it.
    let removed = 0
    for (const [path, { hash, encoded }] of small.nodes) {
      if (random.below(20) > 0) continue
      removed++
      if (store instanceof LeafStore) {
        const leaf = [...small.leaves].find(([key]) => key.startsWith(path))!
        const keep = [...small.leaves.keys()].filter((key) => key !== leaf[0]).sort()
        const keepPaths = keep.map((key) => bytesToNibbles(hexToBytes(key)))
        store.apply([{ kind: 'clear', path: new Uint8Array(), keep: keepPaths }])
        expect(await store.hasNode(new Uint8Array(), small.root)).toBe(false)
        const above = [...small.nodes.keys()].filter((node) => leaf[0].startsWith(node))
        const wanted = await syncWith(small, store)
        expect(wanted.map((node) => pathKey(node.path!)).sort()).toEqual(above.sort())
      }
      if (store instanceof PathNodeStore) {
        store.nodes.remove(path)
        expect(store.differences(small)).toEqual([`missing ${path}`])
        store.nodes.put(path, encoded)
      }
      if (store instanceof HashNodeStore) {
        store.nodes.delete(bytesToHex(hash))
        expect(store.differences(small)).toEqual([`missing ${path}`])
        store.nodes.add(bytesToHex(hash))
      }
    }
    expect(removed).toBeGreaterThan(0)
  })

  it('TestSyncOrdering', async () => {
    const requested = await syncWith(truth, create(), { batch: 1 })
    const paths = requested.map(({ path }) => pathKey(path!))
    expect(paths).toEqual([...paths].sort())
  })

  it('TestSyncMovingTarget', async () => {
    const store = create()
    await syncWith(truth, store)
    const requested = await syncWith(more, store)
    expect(requested.length).toBeLessThan(100)
    await syncWith(changed, store)
  })

  /** Keys of two bytes that are cut down until branches collapse, and grow again. */
  const pivots = (value: () => Uint8Array) => {
    const state = (...keys: number[]) =>
      keys.map((key): TrieEntry => [Uint8Array.of(key >> 8, key & 255), value()])
    const a = state(0x0123, 0x0124, 0x0221, 0x0222, 0x1233, 0x1234)
    const [k0123, k0124, k0221, , k1233] = a as [
      TrieEntry,
      TrieEntry,
      TrieEntry,
      TrieEntry,
      TrieEntry,
    ]
    const b = [k0123, ...state(0x0124), k1233]
    const c = [k0123, k0124, k0221, k1233, ...state(0x0234, 0x1344)]
    return { a: SyncTruth.trie(a), b: SyncTruth.trie(b), c: SyncTruth.trie(c) }
  }

  describe.each([
    ['tiny values, embedded', 4],
    ['values of 32 bytes', 32],
  ])('of %s', (_, size) => {
    it('TestPivotMove', async () => {
      const { a, b, c } = pivots(() => random.bytes(size))
      const store = create(4)
      for (const target of [a, b, c, a, c, b, a]) await syncWith(target, store, { keyNibbles: 4 })
    })
  })

  it('TestSyncAbort', async () => {
    const { a, b, c } = pivots(() => random.bytes(32))
    // The first target comes again, or another that shares what the aborted one left untouched.
    for (const last of [a, c]) {
      const store = create(4)
      await syncWith(a, store, { keyNibbles: 4 })
      const options = { keccak256: wasmKeccak, keyNibbles: 4 }
      const sync = await TrieSync.start(b.root, store, options)
      // Dies before the node of the root is written: all below it is.
      const mayApply = ({ kind, path }: { kind: string; path?: Uint8Array }) =>
        kind !== 'node' || path!.length > 0
      await runSync(sync, store, b, { mayApply })
      await syncWith(last, store, { keyNibbles: 4 })
    }
  })
})
