import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { HashNodeStore } from '../../../../test/support/heal/HashNodeStore.ts'
import { LeafStore } from '../../../../test/support/heal/LeafStore.ts'
import { PathNodeStore } from '../../../../test/support/heal/PathNodeStore.ts'
import {
  accountPath,
  referenceSyncAccounts,
} from '../../../../test/support/heal/referenceSyncState.ts'
import { type RunOptions, runSync } from '../../../../test/support/heal/runSync.ts'
import type { SyncTestStore } from '../../../../test/support/heal/SyncTestStore.ts'
import { pathKey, SyncTruth } from '../../../../test/support/heal/SyncTruth.ts'
import { SYNC_STORES } from '../../../../test/support/heal/syncStores.ts'
import { wasmKeccak } from '../../../../test/support/heal/wasmKeccak.ts'
import { decodeAccount } from '../../../account/accountCodec.ts'
import { emptyRoot } from '../../../account/emptyHashes.ts'
import { SeededRandom } from '../../../served/changing/SeededRandom.ts'
import { MemoryTrie } from '../../../trie/memory/MemoryTrie.ts'
import { bytesToNibbles } from '../../../trie/nibbles.ts'
import { newStateSync } from './newStateSync.ts'
import type { SyncedLeaf } from './SyncedLeaf.ts'

// The scenarios of go-ethereum's core/state/sync_test.go, by their names, over stores of three
// kinds.

const accounts = referenceSyncAccounts()
const truth = SyncTruth.state(accounts)
const random = new SeededRandom()

/** Syncs a state to its end, and checks that the store then has it and nothing beside it. */
async function syncWith(store: SyncTestStore, options: RunOptions = {}, target = truth) {
  const sync = await newStateSync(target.root, store, { keccak256: wasmKeccak })
  const requested = await runSync(sync, store, target, options)
  expect(sync.pending).toBe(0)
  expect(store.differences(target).slice(0, 5)).toEqual([])
  return requested
}

describe.each(SYNC_STORES)(`a state into %s, seed ${random.seed}`, (_, create) => {
  it('TestEmptyStateSync', async () => {
    const store = create()
    const sync = await newStateSync(emptyRoot(), store, { keccak256: wasmKeccak })
    expect(sync.missing()).toEqual({ nodes: [], codes: [] })
    expect(sync.pending).toBe(0)
    // A state that ends empty leaves nothing behind.
    await syncWith(store)
    await syncWith(store, {}, SyncTruth.state([]))
  })

  it.each<[string, RunOptions]>([
    ['TestIterativeStateSyncIndividual', { batch: 1, by: 'hash' }],
    ['TestIterativeStateSyncBatched', { batch: 100, by: 'hash' }],
    ['TestIterativeStateSyncIndividualByPath', { batch: 1 }],
    ['TestIterativeStateSyncBatchedByPath', { batch: 100 }],
    ['TestIterativeDelayedStateSync', { half: true }],
    ['TestIterativeRandomStateSyncIndividual', { batch: 1, random }],
    ['TestIterativeRandomStateSyncBatched', { batch: 100, random }],
    ['TestIterativeRandomDelayedStateSync', { half: true, random }],
  ])('%s', async (_, options) => {
    const requested = await syncWith(create(), options)
    expect(requested).toHaveLength(truth.nodes.size + truth.codes.size)
  })

  it.each([
    ['TestIterativeStateSyncIndividualFromDisk', 1],
    ['TestIterativeStateSyncBatchedFromDisk', 100],
  ])('%s', async (_, batch) => {
    // The peer has synced the state itself, and answers from its own store.
    const disk = new PathNodeStore()
    await syncWith(disk)
    const source = SyncTruth.state(accounts)
    for (const [path, node] of source.nodes) node.encoded = disk.nodes.values.get(path)!
    for (const hash of source.codes.keys()) source.codes.set(hash, disk.codes.get(hash)!)
    await syncWith(create(), { batch }, source)
  })

  it('TestIncompleteStateSync', async () => {
    const store = create()
    const sync = await newStateSync(truth.root, store, { keccak256: wasmKeccak })
    let complete = 0
    const stop = async () => {
      // What a store says to have is there with storage and code.
      const missing = store.differences(truth)
      let stored = 0
      for (const [path, { hash }] of truth.nodes) {
        const nibbles = Uint8Array.from(path, (digit) => Number.parseInt(digit, 16))
        if (!(await store.hasNode(nibbles, hash))) continue
        stored++
        expect(missing).not.toContainEqual(expect.stringMatching(`^missing ${path}`))
        if (path.length >= 64) continue
        for (const [account, codeHash] of truth.codeHashes) {
          if (account.startsWith(path)) expect(store.codes.has(codeHash)).toBe(true)
        }
      }
      expect(stored).toBeGreaterThanOrEqual(complete)
      complete = stored
      return false
    }
    await runSync(sync, store, truth, { batch: 3, stop })
    expect(complete).toBe(truth.nodes.size)
    // Every loss is noticed: of a code by the look for it, of a leaf by all nodes above it.
    for (const [hash, code] of truth.codes) {
      store.codes.delete(hash)
      expect(store.differences(truth)).toEqual([`code ${hash}`])
      store.codes.set(hash, code)
    }
    for (const [path, { hash, encoded }] of truth.nodes) {
      if (path === '') continue
      if (store instanceof PathNodeStore) {
        store.nodes.remove(path)
        expect(store.differences(truth)).toEqual([`missing ${path}`])
        store.nodes.put(path, encoded)
      } else if (store instanceof HashNodeStore) {
        store.nodes.delete(bytesToHex(hash))
        expect(store.differences(truth)).toContain(`missing ${path}`)
        store.nodes.add(bytesToHex(hash))
      }
    }
    if (!(store instanceof LeafStore)) return
    for (const [leaf, value] of truth.leaves) {
      const table = leaf.length === 64 ? store.accounts : store.slots
      table.remove(leaf)
      const root = leaf.length === 64 ? '' : leaf.slice(0, 64)
      const { hash } = truth.nodes.get(root)!
      const path = Uint8Array.from(root, (digit) => Number.parseInt(digit, 16))
      expect(await store.hasNode(path, hash)).toBe(false)
      table.put(leaf, value)
    }
  })
})

describe('newStateSync', () => {
  it('tells of an account before its storage and code, then of its slots', async () => {
    const one = accounts.find(({ code, storage }) => code.length > 0 && storage.length > 0)!
    const state = SyncTruth.state([one])
    const leaves: SyncedLeaf[] = []
    const store = new LeafStore()
    const sync = await newStateSync(state.root, store, {
      keccak256: wasmKeccak,
      onLeaf: (leaf, sync) => {
        if (leaf.keys.length === 1) expect(sync.pending).toBe(1)
        leaves.push(leaf)
      },
    })
    await runSync(sync, store, state)
    const { storage } = one
    expect(leaves.map(({ keys }) => keys.map(bytesToHex))).toEqual([
      [bytesToHex(one.hash)],
      ...[...MemoryTrie.from(storage).leaves()].map(([slot]) => [
        bytesToHex(one.hash),
        bytesToHex(slot),
      ]),
    ])
    expect(leaves[0]!.path).toEqual(accountPath(one))
    expect(leaves[0]!.parent).toEqual(new Uint8Array())
    expect(decodeAccount(leaves[0]!.value).balance).toBe(one.balance)
    expect(leaves[1]!.path).toEqual(
      Uint8Array.of(...accountPath(one), ...bytesToNibbles(leaves[1]!.keys[1]!)),
    )
  })

  it('asks once for a code that many accounts have, and waits with all of them', async () => {
    const code = Uint8Array.of(1, 2, 3)
    const state = SyncTruth.state(accounts.map((account) => ({ ...account, code, storage: [] })))
    const store = new LeafStore()
    const sync = await newStateSync(state.root, store, { keccak256: wasmKeccak })
    const codes: string[] = []
    for (let round = 0; round < 10; round++) {
      const missing = sync.missing()
      codes.push(...missing.codes.map(bytesToHex))
      for (const { path } of missing.nodes) await sync.processNode(path, state.node(path))
    }
    expect(codes).toEqual([bytesToHex(wasmKeccak(code))])
    expect(sync.pending).toBe(state.nodes.size + 1)
    expect(new Set(sync.commit().map(({ kind }) => kind))).toEqual(new Set(['open']))
    sync.processCode(wasmKeccak(code), code)
    store.apply(sync.commit())
    expect(store.differences(state)).toEqual([])
  })

  it('keeps an account requested whose value is no account', async () => {
    const bad = SyncTruth.trie([[accounts[0]!.hash, Uint8Array.of(1)]])
    const sync = await newStateSync(bad.root, new LeafStore(), { keccak256: wasmKeccak })
    sync.missing()
    for (let times = 0; times < 2; times++) {
      await expect(sync.processNode(new Uint8Array(), bad.node(new Uint8Array()))).rejects.toThrow(
        expect.objectContaining({ code: 'ACCOUNT_ENCODING' }),
      )
    }
    expect(sync.pending).toBe(1)
  })

  it('goes deep first, so that an account is whole before the next begins', async () => {
    const requested = await syncWith(new LeafStore(), { batch: 1 })
    const paths = requested.flatMap(({ path }) => (path === undefined ? [] : [pathKey(path)]))
    expect(paths).toEqual([...paths].sort())
  })

  it('brings back the storage of an account that died between losing it and its own change', async () => {
    const one = accounts.find(({ storage }) => storage.length > 0)!
    const before = SyncTruth.state([one])
    const after = SyncTruth.state([{ ...one, storage: [] }])
    for (const [, create] of SYNC_STORES) {
      const store = create()
      await syncWith(store, {}, before)
      const sync = await newStateSync(after.root, store, { keccak256: wasmKeccak })
      await runSync(sync, store, after, { mayApply: ({ kind }) => kind !== 'leaf' })
      await syncWith(store, {}, before)
    }
  })
})
