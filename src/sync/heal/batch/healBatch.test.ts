import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { verifier, versions } from '../../../../test/support/heal/healCase.ts'
import { LeafStore } from '../../../../test/support/heal/LeafStore.ts'
import { runSync } from '../../../../test/support/heal/runSync.ts'
import { SyncTruth } from '../../../../test/support/heal/SyncTruth.ts'
import { codeEntry } from '../../../../test/support/store/codeEntry.ts'
import { hexPairs } from '../../../../test/support/sync/StateTruth.ts'
import { encodeAccount } from '../../../account/accountCodec.ts'
import { slimAccount } from '../../../account/slimAccount.ts'
import { SeededRandom } from '../../../served/changing/SeededRandom.ts'
import { openMemoryStore } from '../../../store/openMemoryStore.ts'
import type { StateStore } from '../../../store/StateStore.ts'
import { bytesToNibbles, type NibblePath } from '../../../trie/nibbles.ts'
import type { IncompleteAccounts } from '../../journal/IncompleteAccounts.ts'
import { readIncompleteAccounts } from '../../journal/readIncompleteAccounts.ts'
import { newStateSync } from '../scheduler/newStateSync.ts'
import type { SyncOperation } from '../scheduler/operations/SyncOperation.ts'
import { healBatch } from './healBatch.ts'

const first = new SeededRandom().seed

/** What a store holds, as `LeafStore` would. */
async function contents(store: StateStore) {
  const [accounts, slots] = [new Map<string, string>(), new Map<string, string>()]
  for await (const page of store.working.accounts()) {
    for (const [key, value] of hexPairs(page)) accounts.set(key, value)
  }
  for await (const page of store.working.slots()) {
    for (const [key, value] of hexPairs(page)) slots.set(key, value)
  }
  const { incomplete, damaged } = readIncompleteAccounts(await store.journal())
  expect(damaged).toEqual([])
  return { accounts, slots, open: [...incomplete] }
}

function expected(model: LeafStore) {
  const accounts = [...model.accounts.values].map(([key, value]): [string, string] => [
    key,
    bytesToHex(slimAccount(hexToBytes(value))),
  ])
  const sorted = (entries: Iterable<[string, string]>) =>
    new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    accounts: sorted(accounts),
    slots: sorted(model.slots.values),
    open: [...model.open].sort(),
  }
}

/**
 * Applies operations one by one to a model, and in batches of any size to a store, which must then
 * be equal.
 */
async function compare(operations: readonly SyncOperation[], random: SeededRandom): Promise<void> {
  const model = new LeafStore()
  const store = await openMemoryStore()
  let { incomplete } = readIncompleteAccounts(new Map())
  for (let from = 0, to = 0; from < operations.length; from = to) {
    to = from + 1 + random.below(random.pick([1, 10, 1000]))
    const batch = operations.slice(from, to)
    model.apply(batch)
    await store.commit(healBatch(batch, incomplete))
    expect(await contents(store)).toEqual(expected(model))
    for (const hash of model.codes.keys()) {
      expect(await store.working.getCode(hexToBytes(hash))).toEqual(model.codes.get(hash))
    }
    if (random.below(3) === 0) ({ incomplete } = readIncompleteAccounts(await store.journal()))
  }
}

/**
 * Operations of every kind in an order that no scheduler would have, on few accounts and slots that
 * lie close together.
 */
function strangeOperations(random: SeededRandom): SyncOperation[] {
  const key = () => {
    const bytes = new Uint8Array(32).fill(0x11)
    bytes[random.pick([0, 0, 31])] = random.pick([0x00, 0x10, 0x11, 0x12, 0x20, 0xff])
    return bytes
  }
  const pathIn = (whole: NibblePath, least: number) =>
    whole.slice(0, random.pick([least, least + 1, least + 2, whole.length - 1, whole.length]))
  return Array.from({ length: 40 }, (): SyncOperation => {
    const [account, slot] = [key(), key()]
    const isSlot = random.below(2) === 0
    const keys = isSlot ? [account, slot] : [account]
    const path = bytesToNibbles(concatBytes(...keys))
    switch (random.below(5)) {
      case 0:
        return { kind: 'open', path: bytesToNibbles(account), above: random.below(64) - 1 }
      case 1: {
        const cleared = pathIn(path, isSlot ? 64 : 0)
        const kept = [0, 1, 15]
          .filter(() => random.below(2) === 0)
          .map((nibble) => Uint8Array.of(...cleared, nibble, ...path.slice(cleared.length + 1)))
          .map((whole) => whole.slice(0, cleared.length + 1 + random.below(3)))
        const isWhole = cleared.length === 64 ? !isSlot : cleared.length === 128
        // A whole path ends in a leaf, below which nothing is.
        if (isWhole) return { kind: 'clear', path: cleared.slice(0, -1), keep: [] }
        const end = isSlot ? 128 : 64
        return { kind: 'clear', path: cleared, keep: kept.map((keep) => keep.slice(0, end)) }
      }
      case 2:
        return { kind: 'code', ...codeEntry(random.bytes(5)) }
      default: {
        const [storageRoot, codeHash] = [random.bytes(32), random.bytes(32)]
        const nonce = BigInt(random.below(5))
        const value = isSlot
          ? random.bytes(1 + random.below(5))
          : encodeAccount({ nonce, balance: 0n, storageRoot, codeHash })
        return { kind: 'leaf', path, keys, value }
      }
    }
  })
}

describe(`a batch of healing steps, seeds from ${first}`, () => {
  it('does what they do one by one, whatever they are', async () => {
    for (let seed = first; seed < first + 200; seed++) {
      const random = new SeededRandom(seed)
      await compare(strangeOperations(random), random).catch((cause) => {
        throw new Error(`seed ${seed}: ${cause.message}`, { cause })
      })
    }
  })

  it('does what they do one by one on the way from state to state', async () => {
    for (let seed = first; seed < first + 10; seed++) {
      const random = new SeededRandom(seed)
      const operations: SyncOperation[] = []
      const store = new LeafStore()
      const mayApply = (operation: SyncOperation) => {
        operations.push(operation)
        return true
      }
      for (const accounts of versions(random, 3)) {
        const truth = SyncTruth.state(accounts)
        const keccak256 = (input: Uint8Array) => verifier.keccak256(input)
        const sync = await newStateSync(truth.root, store, { keccak256 })
        await runSync(sync, store, truth, { random, batch: 20, mayApply })
      }
      await compare(operations, random).catch((cause) => {
        throw new Error(`seed ${seed}: ${cause.message}`, { cause })
      })
    }
  })

  it('is empty of no steps, and names no mark that comes and goes in it', () => {
    const hash = new Uint8Array(32).fill(1)
    const path = bytesToNibbles(hash)
    const empty = { storageRoot: new Uint8Array(32), codeHash: new Uint8Array(32) }
    const value = encodeAccount({ nonce: 0n, balance: 0n, ...empty })
    const { incomplete } = readIncompleteAccounts(new Map())
    expect(healBatch([], incomplete)).toEqual({})
    const open: SyncOperation = { kind: 'open', path, above: 3 }
    const leaf: SyncOperation = { kind: 'leaf', path, keys: [hash], value }
    expect(journalOf([open, leaf], incomplete)).toEqual(new Map())
    const name = `heal/${bytesToHex(hash)}`
    expect([...journalOf([open], incomplete).keys()]).toEqual([name])
    expect(journalOf([open], incomplete)).toEqual(new Map())
    expect(journalOf([leaf], incomplete)).toEqual(new Map([[name, undefined]]))
  })
})

const journalOf = (operations: SyncOperation[], incomplete: IncompleteAccounts) =>
  healBatch(operations, incomplete).journal!
