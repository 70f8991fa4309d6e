import { describe, expect, test } from 'vitest'
import {
  decodeSlimAccount,
  encodeAccount,
  encodeSlimAccount,
} from '../../../src/account/accountCodec.ts'
import { emptyCodeHash, emptyRoot } from '../../../src/account/emptyHashes.ts'
import { fromHex, type Hex, toHex } from '../../../src/base/bytes/hex.ts'
import { PagedStore } from '../../../src/store/PagedStore.ts'
import type { StoreBatch } from '../../../src/store/StateStore.ts'
import { DerivedTrie } from '../../../src/trie/derived/DerivedTrie.ts'
import type { TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'
import { JsVerifier } from '../../../src/verifier/JsVerifier.ts'
import { failAfter } from '../../support/store/failAfter.ts'
import { hashKey, makeLeaves, slotKey } from '../../support/store/makeLeaves.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'
import { watched } from '../../support/store/watched.ts'
import { pathName, TrieTruth } from '../../support/trie/TrieTruth.ts'

const verifier = new JsVerifier()

/** Accounts `from` to `to`, others in every round. */
function accounts(from: number, to: number, round = 0): StoreBatch {
  const keys = Array.from({ length: to - from }, (_, index) => hashKey(`account ${from + index}`))
  return {
    accounts: makeLeaves(keys, (index) =>
      encodeSlimAccount({
        nonce: BigInt(round),
        balance: 10n ** BigInt(index % 20),
        storageRoot: index % 3 === 0 ? hashKey(index) : emptyRoot(),
        codeHash: index % 5 === 0 ? hashKey(index) : emptyCodeHash(),
      }),
    ),
  }
}

/** The tries of a store, node by node. */
export function triesSuite(subject: StoreUnderTest): void {
  /** The account trie, or the storage trie of an account, of what the store should hold. */
  const truth = (account?: Uint8Array): TrieTruth => {
    const start = account ? toHex(account) : '0x'
    const entries = [...(account ? subject.model.working.slots : subject.model.working.accounts)]
      .filter(([key]) => key.startsWith(start))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]): TrieEntry => {
        const leaf = fromHex(value, 'value')
        const inTrie = account ? leaf : encodeAccount(decodeSlimAccount(leaf))
        return [fromHex(`0x${key.slice(start.length)}` as Hex, 'key'), inTrie]
      })
    return new TrieTruth(entries)
  }

  const expectTrie = async (trie: DerivedTrie, { root, nodes }: TrieTruth) => {
    expect(toHex(await trie.root())).toBe(toHex(root))
    const all = [...nodes.values()]
    // Those at the top, and some of those below.
    const some = all.filter(({ path }, index) => path.length < 2 || index % 97 === 0)
    for (const { path, encoded, reference } of some) {
      const node = await trie.node(path)
      expect(node && [toHex(node.encoded), toHex(node.reference)], pathName(path)).toEqual([
        encoded,
        reference,
      ])
    }
    expect(await trie.node(new Uint8Array(10))).toBeUndefined()
  }

  describe('the tries of a store', () => {
    test('follow its accounts, whatever pages they are in', async () => {
      const trie = new DerivedTrie(subject.store.working.accountPages(), verifier)
      await expectTrie(trie, truth())
      await subject.commit(accounts(0, 1))
      await expectTrie(trie, truth())
      await subject.commit(accounts(0, 3000))
      await expectTrie(trie, truth())
      await subject.commit(accounts(2900, 3100, 1))
      await expectTrie(trie, truth())
      const [first, last] = [new Uint8Array(32), new Uint8Array(32).fill(0xff)]
      first[0] = 0x12
      last[0] = 0xe7
      await subject.commit({ ...accounts(1000, 1010, 2), removeAccounts: [{ first, last }] })
      await expectTrie(trie, truth())
      await subject.store.clear()
      subject.model.clear()
      expect(await trie.root()).toEqual(emptyRoot())
    })

    test('are those of single accounts, in pages of their own or not', async () => {
      const keys = Array.from({ length: 4000 }, (_, slot) => slotKey('large', slot))
      for (let at = 0; at < 300; at++) keys.push(slotKey(`small ${at % 100}`, at))
      const value = (index: number) => hashKey(index).subarray(0, 1 + (index % 32))
      await subject.commit({ slots: makeLeaves(keys, value) })
      const names = ['large', 'small 0', 'small 99', 'no such account']
      const tries = names.map((name) => {
        return new DerivedTrie(subject.store.working.slotPages(hashKey(name)), verifier)
      })
      const expectAll = async () => {
        for (const [index, name] of names.entries()) {
          await expectTrie(tries[index]!, truth(hashKey(name)))
        }
      }
      await expectAll()
      await subject.commit({
        slots: makeLeaves([slotKey('large', 7), slotKey('small 0', 'new')], value),
      })
      await expectAll()
      const large = hashKey('large')
      await subject.commit({
        removeSlots: [
          { first: Uint8Array.of(...large, ...new Uint8Array(32)), last: slotKey('large', 9) },
          { first: slotKey('small 99', 99), last: slotKey('small 99', 99) },
        ],
      })
      await expectAll()
    })

    test('follow what another store over the same database committed', async () => {
      const other = await subject.open()
      const trie = new DerivedTrie(subject.store.working.accountPages(), verifier)
      await subject.commit(accounts(0, 1500))
      await expectTrie(trie, truth())
      // Of the same size, so that neither the pages nor the totals tell.
      const batch = accounts(0, 10, 0x7f)
      await other.commit(batch)
      await other.commit(accounts(0, 10, 0x7e))
      subject.model.commit(accounts(0, 10, 0x7e))
      await subject.store.working.totals()
      await expectTrie(trie, truth())
    })

    test('are those of each view: the working one goes on over a completion, the other moves to it', async () => {
      let reads = 0
      const backend = watched(await subject.openBackend(), ({ gets }) => {
        reads += gets
      })
      const store = subject.closeLater(new PagedStore(backend))
      const commit = async (batch: StoreBatch) => {
        await store.commit(batch)
        subject.model.commit(batch)
      }
      await commit({ ...accounts(0, 1500), complete: hashKey('root 1') })
      const before = truth()
      const completed = new DerivedTrie(store.completed.accountPages(), verifier)
      const working = new DerivedTrie(store.working.accountPages(), verifier)
      await expectTrie(completed, before)
      const { version } = store.completed.accountPages()
      await commit(accounts(1000, 2500, 1))
      await commit(accounts(0, 10, 2))
      await expectTrie(working, truth())
      reads = 0
      await expectTrie(completed, before)
      expect(store.completed.accountPages().version).toBe(version)

      await commit({ complete: hashKey('root 2') })
      await subject.expectNoGarbage()
      reads = 0
      expect(toHex(await working.root())).toBe(toHex(truth().root))
      expect(reads).toBe(0)
      await expectTrie(completed, truth())
      expect(reads).toBeGreaterThan(0)

      // Nor does it matter who completed it, for a store that has looked in between.
      const other = await subject.open()
      await other.commit({ complete: hashKey('root 3') })
      await store.completed.totals()
      await expectTrie(completed, truth())
      reads = 0
      expect(toHex(await working.root())).toBe(toHex(truth().root))
      expect(reads).toBe(0)
    })

    test('are as before when a commit failed', async () => {
      await subject.commit(accounts(0, 1500))
      let writes = Number.POSITIVE_INFINITY
      const store = new PagedStore(failAfter(await subject.openBackend(), () => writes))
      subject.closeLater(store)
      const trie = new DerivedTrie(store.working.accountPages(), verifier)
      await expectTrie(trie, truth())
      for (writes = 0; writes < 4; writes++) {
        await expect(store.commit(accounts(0, 3000, 1))).rejects.toThrow('no more writes')
        await expectTrie(trie, truth())
      }
    })

    test('are of one moment while commits go on', async () => {
      await subject.commit(accounts(0, 1500))
      const roots = [toHex(truth().root)]
      const trie = new DerivedTrie(subject.store.working.accountPages(), verifier)
      const seen: Promise<Uint8Array>[] = []
      const running: Promise<unknown>[] = []
      for (let round = 1; round <= 6; round++) {
        seen.push(trie.root())
        const batch = accounts(100 * round, 100 * round + 700, round)
        running.push(subject.store.commit(batch))
        subject.model.commit(batch)
        roots.push(toHex(truth().root))
        await Promise.resolve()
      }
      for (const root of await Promise.all(seen)) expect(roots).toContain(toHex(root))
      await Promise.all(running)
      await expectTrie(trie, truth())
    })
  })
}
