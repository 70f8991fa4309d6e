import { bytesToHex, concatBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { HealTruth } from '../../../test/support/heal/HealTruth.ts'
import { heal, startHealer } from '../../../test/support/heal/healCase.ts'
import { runHealer } from '../../../test/support/heal/runHealer.ts'
import type { TruthAccount } from '../../../test/support/heal/SyncTruth.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { SeededRandom } from '../../served/changing/SeededRandom.ts'
import { stateHandler } from '../../snap/server/stateHandler.ts'
import { openMemoryStore } from '../../store/openMemoryStore.ts'
import type { StateStore, StoreBatch } from '../../store/StateStore.ts'
import { IncompleteAccounts } from './IncompleteAccounts.ts'

const random = new SeededRandom()
const FIRST = new Uint8Array(32)
const LAST = new Uint8Array(32).fill(0xff)

const someStorage = (slots: number): TruthAccount['storage'] =>
  Array.from({ length: slots }, () => [random.bytes(32), random.bytes(20)] as const)

function someAccounts(): TruthAccount[] {
  return Array.from({ length: 60 }, (_, index) => ({
    ...{ hash: random.bytes(32), nonce: BigInt(index), balance: 1n },
    code: index % 3 === 0 ? random.bytes(30 + index) : new Uint8Array(),
    storage: index % 4 === 0 ? someStorage(1 + index) : [],
  }))
}

const accounts = someAccounts()
const target = new HealTruth(accounts)
const contract = accounts[36]!

async function storeWith(batch: StoreBatch, marked: readonly Uint8Array[]): Promise<StateStore> {
  const store = await openMemoryStore()
  await store.commit(target.batch())
  const incomplete = new IncompleteAccounts()
  for (const hash of marked) incomplete.add(hash)
  await store.commit({ ...batch, journal: incomplete.takeChanges() })
  return store
}

/** A batch without the slots of an account, all or from one to another. */
const slotsOf = (account: Uint8Array, first: Uint8Array = FIRST, last: Uint8Array = LAST) => ({
  removeSlots: [{ first: concatBytes(account, first), last: concatBytes(account, last) }],
})

describe(`accounts whose storage or code is incomplete under hashes that match, seed ${random.seed}`, () => {
  const stray = concatBytes(contract.hash, random.bytes(32))
  const other = contract.storage[5]![0]

  it.each<[string, StoreBatch]>([
    ['no slot', slotsOf(contract.hash)],
    ['some slots missing', slotsOf(contract.hash, new Uint8Array(32).fill(0x80))],
    ['one slot missing', slotsOf(contract.hash, other, other)],
    ['one slot more', { slots: packLeaves([[stray, Uint8Array.of(1)]], 64) }],
    [
      'one slot of another value',
      { slots: packLeaves([[concatBytes(contract.hash, other), Uint8Array.of(1)]], 64) },
    ],
  ])('are healed where they are marked: %s', async (_, batch) => {
    const unmarked = await storeWith(batch, [])
    // This is why there are marks: the account trie is the right one.
    expect((await startHealer(unmarked, target.root)).pending).toBe(0)

    const store = await storeWith(batch, [contract.hash])
    const missing = await target.missingNodes(store)
    const healer = await heal(store, target)
    expect(await target.differences(store)).toEqual([])
    expect(healer.progress.healed.nodes).toBe(missing.length)
    expect(healer.touched).toContain(bytesToHex(contract.hash))
    expect((await startHealer(store, target.root)).pending).toBe(0)
  })

  it('are healed where code is missing', async () => {
    const { codes, ...leaves } = target.batch()
    const incomplete = new IncompleteAccounts()
    incomplete.add(contract.hash)
    const store = await openMemoryStore()
    const lost = codes!.find(({ code }) => code.length === contract.code.length)!
    await store.commit({ ...leaves, codes: codes!.filter((code) => code !== lost) })
    expect((await startHealer(store, target.root)).pending).toBe(0)
    await store.commit({ journal: incomplete.takeChanges() })
    const healer = await heal(store, target)
    expect(healer.progress.healed).toMatchObject({ codes: 1, codeBytes: lost.code.length })
    expect(await target.differences(store)).toEqual([])
  })

  it('are looked at in vain where nothing is missing: nodes on the way are all that it costs', async () => {
    const store = await storeWith({}, [contract.hash])
    const missing = await target.missingNodes(store)
    const healer = await heal(store, target)
    expect(healer.progress.healed.nodes).toBe(missing.length)
    expect(missing.every((path) => path.length < 64)).toBe(true)
    expect(await target.differences(store)).toEqual([])
  })

  it('are forgotten with slots that no account has: in gaps, beside leaves, and where all are', async () => {
    const beside = contract.hash.with(31, contract.hash[31]! ^ 1)
    const strangers = [FIRST, LAST, beside, ...Array.from({ length: 20 }, () => random.bytes(32))]
    const slots = strangers
      .toSorted((a, b) => Buffer.compare(a, b))
      .map((hash) => [concatBytes(hash, FIRST), Uint8Array.of(1)] as const)
    const everyone = [...strangers, ...accounts.map(({ hash }) => hash)]
    for (const marked of [strangers, everyone]) {
      const store = await storeWith({ slots: packLeaves(slots, 64) }, marked)
      await heal(store, target)
      expect(await target.differences(store)).toEqual([])
    }
  })

  it('are healed when their storage is of the root that was given up, and the old root comes back', async () => {
    const changed = new HealTruth(
      accounts.map((account) =>
        account === contract ? { ...account, storage: someStorage(50) } : account,
      ),
    )
    let deaths = 0
    for (let most = 1; ; most++) {
      const store = await storeWith({}, [])
      const healer = await startHealer(store, changed.root, { batchBytes: 0 })
      let left = most
      const ended = await runHealer(healer, stateHandler(changed.source()), {
        capacity: 3,
        write: async (batch) => {
          await store.commit(batch)
          return --left > 0
        },
      })
      if (ended) break
      deaths++
      await heal(store, target)
      expect(await target.differences(store)).toEqual([])
    }
    expect(deaths).toBeGreaterThan(5)
  })
})
