import { beforeAll, describe, expect, it } from 'vitest'
import { hashKey, makeLeaves } from '../../test/support/store/makeLeaves.ts'
import { encodeSlimAccount } from '../account/accountCodec.ts'
import { emptyCodeHash, emptyRoot } from '../account/emptyHashes.ts'
import { expandSlimAccounts } from '../account/expandSlimAccounts.ts'
import { bigIntToHash } from '../base/bytes/hash32.ts'
import { toHex } from '../base/bytes/hex.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import { SeededRandom } from '../served/changing/SeededRandom.ts'
import { branchOf } from '../trie/branchOf.ts'
import { DerivedTrie } from '../trie/derived/DerivedTrie.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import { loadWasm } from '../verifier/wasm/loadWasm.ts'
import { MemoryBackend } from './backend/MemoryBackend.ts'
import type { StoreBackend } from './backend/StoreBackend.ts'
import { PagedStore } from './PagedStore.ts'

const ACCOUNTS = 100_000

describe(`the account trie of ${ACCOUNTS} accounts`, () => {
  const random = new SeededRandom()
  let verifier: Verifier
  let store: PagedStore
  let trie: DerivedTrie
  const cost = { pages: 0, hashes: 0 }
  const pagesRead = new Set<string>()

  const account = (nonce: number) =>
    encodeSlimAccount({
      nonce: BigInt(nonce),
      balance: 10n ** 18n,
      storageRoot: emptyRoot(),
      codeHash: emptyCodeHash(),
    })

  /** Counts what `work` reads and hashes. */
  const costOf = async (work: () => Promise<unknown>) => {
    cost.pages = 0
    cost.hashes = 0
    pagesRead.clear()
    await work()
    return { ...cost }
  }

  beforeAll(async () => {
    verifier = await loadWasm()
    const backend = new MemoryBackend()
    const counting: StoreBackend = {
      transact: (mode, work) =>
        backend.transact(mode, (transaction) =>
          work({
            ...transaction,
            get: (table, key) => {
              if (mode === 'readonly' && table === 'accounts') {
                cost.pages++
                pagesRead.add(toHex(key))
              }
              return transaction.get(table, key)
            },
          }),
        ),
      close: () => backend.close(),
    }
    store = new PagedStore(counting)
    const keys = Array.from({ length: ACCOUNTS }, (_, index) => hashKey(index))
    await store.commit({ accounts: makeLeaves(keys, (index) => account(index)) })
    const keccak256 = (input: Uint8Array) => {
      cost.hashes++
      return verifier.keccak256(input)
    }
    trie = new DerivedTrie(store.working.accountPages(), {
      keccak256,
      keccak256Batch: (inputs) => verifier.keccak256Batch(inputs),
      branchOf: (leaves) => branchOf(leaves, keccak256),
    })
  })

  const expectRoot = async () => {
    const builder = verifier.rootBuilder()
    for await (const leaves of store.working.accounts()) builder.add(expandSlimAccounts(leaves))
    expect(toHex(await trie.root())).toBe(toHex(builder.root()))
  }

  it('reads each page once, and none again', async () => {
    const { pages, hashes } = await costOf(() => trie.root())
    expect(pages).toBe(pagesRead.size)
    expect(pages).toBeGreaterThan(100)
    // 1.33 nodes per leaf in a random trie, see the number of nodes of the reference
    // implementation's.
    expect(hashes).toBeLessThan(1.4 * ACCOUNTS)
    expect(await costOf(() => trie.root())).toEqual({ pages: 0, hashes: 0 })
    await expectRoot()
  })

  it.each([1, 10, 100, 1000])(
    `after %i changes reads the pages that changed, seed ${random.seed}`,
    async (changes) => {
      await trie.root()
      const numbers = new Set(Array.from({ length: changes }, () => random.below(ACCOUNTS)))
      const keys = [...numbers].map((number) => hashKey(number))
      const [changed, removed] = [keys.filter((_, at) => at % 4), keys.filter((_, at) => !(at % 4))]
      await store.commit({
        accounts: makeLeaves(changed, () => account(random.below(2 ** 20))),
        removeAccounts: removed.map((key) => ({ first: key, last: key })),
      })
      const { pages, hashes } = await costOf(() => trie.root())
      expect(pages).toBe(pagesRead.size)
      expect(pages).toBeLessThanOrEqual(keys.length)
      // Each page is hashed anew: at most 32 KiB of leaves of 43 bytes, 1.33 nodes each. Above it:
      // the branches of the path, and of each one that child again that is no branch, which are
      // few.
      expect(hashes).toBeLessThan(pages * 1000 + 8 * keys.length)
      await expectRoot()
    },
  )

  it('takes in pages that were just read, and reads those that changed since', async () => {
    const fresh = new DerivedTrie(store.working.accountPages(), verifier)
    const version = fresh.version
    const key = hashKey(random.below(ACCOUNTS))
    const { pages } = await costOf(async () => {
      for await (const leaves of store.working.accounts()) await fresh.take(leaves, version)
      await fresh.root()
    })
    // Each once, by the walk over the accounts.
    expect(pages).toBe(pagesRead.size)
    expect(toHex(await fresh.root())).toBe(toHex(await trie.root()))
    const late = new DerivedTrie(store.working.accountPages(), verifier)
    const before = late.version
    const read: Leaves[] = []
    for await (const leaves of store.working.accounts()) read.push(leaves)
    await store.commit({ accounts: makeLeaves([key], () => account(7)) })
    for (const leaves of read) await late.take(leaves, before)
    await expectRoot()
    expect(toHex(await late.root())).toBe(toHex(await trie.root()))
  })

  it('looks at a node with no more than the pages under it, and one beside', async () => {
    const fresh = new DerivedTrie(store.working.accountPages(), verifier)
    const leaf = hashKey(random.below(ACCOUNTS))
    const path = Uint8Array.of(leaf[0]! >> 4, leaf[0]! & 15, leaf[1]! >> 4)
    const { pages } = await costOf(() => fresh.node(path))
    expect(pages).toBeLessThanOrEqual(2)
    expect(await costOf(() => fresh.hasNode(path, bigIntToHash(0n)))).toMatchObject({ pages: 0 })
    expect(await costOf(() => fresh.children(path))).toMatchObject({ pages: 0 })
  })

  it('costs nothing where a commit changes nothing of it', async () => {
    await trie.root()
    await store.commit({
      slots: packLeaves([[new Uint8Array(64), Uint8Array.of(1)]], 64),
      removeAccounts: [{ first: hashKey('no account'), last: hashKey('no account') }],
    })
    expect(await costOf(() => trie.root())).toEqual({ pages: 0, hashes: 0 })
  })
})
