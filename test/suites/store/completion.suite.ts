import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src/base/bytes/hex.ts'
import { PagedStore } from '../../../src/store/PagedStore.ts'
import type { StoreBatch } from '../../../src/store/StateStore.ts'
import { codeEntry } from '../../support/store/codeEntry.ts'
import { type CrashPoint, crashing } from '../../support/store/crashing.ts'
import { fullBatch } from '../../support/store/fullBatch.ts'
import { hashKey, makeLeaves, slotKey } from '../../support/store/makeLeaves.ts'
import { StoreModel } from '../../support/store/StoreModel.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'
import { type Watched, watched } from '../../support/store/watched.ts'

/**
 * Values so large that two leaves fill a page: what is to be seen in pages then takes few leaves.
 */
function largeLeaves(from: number, to: number, round: number): StoreBatch {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index)
  const value = () => new Uint8Array(11_000).fill(round)
  return {
    accounts: makeLeaves(numbers.map(hashKey), value),
    slots: makeLeaves(
      numbers.map((number) => slotKey(number % 3, number)),
      value,
    ),
  }
}

const above = (byte: number, keySize: number) => ({
  first: new Uint8Array(keySize).fill(byte, 0, 1),
  last: new Uint8Array(keySize).fill(0xff),
})

/**
 * The life of a store: two states are completed after the first, each with pages changed, split,
 * removed and new. The journal tells how many steps were made.
 */
const LIFE = [
  largeLeaves(0, 6, 1),
  { ...largeLeaves(6, 8, 1), complete: hashKey('root 1') },
  largeLeaves(3, 5, 2),
  { removeAccounts: [above(0xa0, 32)], removeSlots: [above(0x80, 64)] },
  { ...largeLeaves(10, 15, 2), codes: [codeEntry(new Uint8Array(9))] },
  { complete: hashKey('root 2') },
  { ...largeLeaves(0, 2, 3), removeAccounts: [above(0x20, 32)], removeSlots: [above(0, 64)] },
  { ...largeLeaves(20, 22, 3), complete: hashKey('root 3') },
].map((batch: StoreBatch, index) => {
  return { ...batch, journal: new Map([['steps', Uint8Array.of(index + 1)]]) }
})

/** When the working state becomes the completed one, and what is left of the one before. */
export function completionSuite(subject: StoreUnderTest): void {
  describe('a completion', () => {
    test('is named by its root and a number of its own, which reading the head tells', async () => {
      const seen: Watched[] = []
      const backend = watched(await subject.openBackend(), (transaction) => seen.push(transaction))
      const store = subject.closeLater(new PagedStore(backend))
      await store.commit({ ...fullBatch(200), complete: hashKey('root') })
      const first = await store.completion()
      await store.commit({ complete: hashKey('root') })
      seen.length = 0
      const second = await store.completion()
      expect(seen).toEqual([{ mode: 'readonly', gets: 1, listings: 0, puts: 0, deletes: 0 }])
      expect([first, second].map((it) => toHex(it!.root))).toEqual([
        toHex(hashKey('root')),
        toHex(hashKey('root')),
      ])
      expect(first!.completionId).not.toBe(second!.completionId)
      await store.commit(fullBatch(300, 1))
      expect(await store.completion()).toEqual(second)
    })

    test('writes one record, however much is behind it', async () => {
      const seen: Watched[] = []
      const backend = watched(await subject.openBackend(), (transaction) => seen.push(transaction))
      const store = subject.closeLater(new PagedStore(backend))
      await store.commit({ ...fullBatch(5000), complete: hashKey('root 1') })
      await store.commit(fullBatch(5000, 1))
      seen.length = 0
      await store.commit({ complete: hashKey('root 2') })
      expect(seen[0]).toEqual({ mode: 'readwrite', gets: 1, listings: 0, puts: 1, deletes: 0 })
    })

    test.each<CrashPoint>(['write', 'transaction', 'answer'])(
      'is there as a whole or not at all, wherever a process ends: at each %s',
      { timeout: 120_000 },
      async (point) => {
        const states = [new StoreModel()]
        for (const batch of LIFE) {
          const next = states.at(-1)!.copy()
          next.commit(batch)
          states.push(next)
        }
        let passed = 0
        for (let finished = false; !finished; passed++) {
          await subject.tearDown()
          await subject.setUp()
          const backend = crashing(await subject.openBackend(), point, passed)
          const store = new PagedStore(backend)
          let answered = 0
          try {
            for (const batch of LIFE) {
              await store.commit(batch)
              answered++
            }
            await subject.expectNoGarbage(() => backend.crashed)
          } catch (error) {
            expect(String(error)).toContain(`crashed at ${point} ${passed}`)
          }
          await store.close()
          finished = !backend.crashed

          // A commit that was through when the process ended, and that nobody was told of, may be
          // there.
          const done = (await subject.store.journal()).get('steps')?.[0] ?? 0
          expect([answered, point === 'answer' ? answered + 1 : answered]).toContain(done)
          subject.model = states[done]!
          await subject.expectContents()
          // It continues from there, and leaves nothing behind.
          for (const batch of LIFE.slice(done)) await subject.store.commit(batch)
          subject.model = states.at(-1)!
          await subject.store.commit({})
          await subject.expectNoGarbage()
          await subject.expectContents()
        }
        expect(passed).toBeGreaterThan(LIFE.length)
      },
    )
  })

  describe('what a completion leaves behind', () => {
    test('is removed in small transactions, and nothing but what the states show is left', async () => {
      const seen: Watched[] = []
      const backend = watched(await subject.openBackend(), (transaction) => seen.push(transaction))
      subject.store = subject.closeLater(new PagedStore(backend))
      // A page of its own for each leaf, so that there is more than one transaction takes.
      const large = (round: number): StoreBatch => ({
        accounts: makeLeaves(
          Array.from({ length: 300 }, (_, index) => hashKey(index)),
          () => new Uint8Array(17_000).fill(round),
        ),
      })
      await subject.commit({ ...large(0), complete: hashKey('root 1') })
      await subject.commit(large(1))
      expect((await subject.pageViews('accounts')).completed.pages).toHaveLength(300)
      await subject.commit({ complete: hashKey('root 2') })
      await subject.expectNoGarbage()
      const deletes = seen.map((transaction) => transaction.deletes)
      expect(deletes.reduce((sum, count) => sum + count, 0)).toBe(300)
      expect(Math.max(...deletes)).toBeLessThanOrEqual(256)
      expect(await subject.pageSizes('accounts')).toHaveLength(300)
    })

    test('is removed by whoever commits next, where the one who completed is gone', async () => {
      await subject.commit({ ...fullBatch(3000), complete: hashKey('root 1') })
      await subject.commit({ ...fullBatch(4000, 1) })
      let transactions = 0
      const backend = await subject.openBackend()
      const store = new PagedStore({
        transact: (mode, work) => {
          if (transactions++ > 0) throw new Error('gone')
          return backend.transact(mode, work)
        },
        close: () => backend.close(),
      })
      await store.commit({ complete: hashKey('root 2') })
      subject.model.commit({ complete: hashKey('root 2') })
      await store.close()
      const left = (await subject.pageViews('accounts')).garbage.length
      expect(left).toBeGreaterThan(10)
      const reader = await subject.open()
      await subject.expectContents(reader)
      expect((await subject.pageViews('accounts')).garbage).toHaveLength(left)
      await subject.commit({ journal: new Map([['cursor', Uint8Array.of(7)]]) })
      await subject.expectNoGarbage()
      await subject.expectContents(reader)
    })

    test('does not keep a store from being closed', async () => {
      await subject.commit({ ...fullBatch(3000), complete: hashKey('root 1') })
      const closing = await subject.open()
      const batch = { ...fullBatch(3000, 1), complete: hashKey('root 2') }
      await closing.commit(batch)
      await closing.close()
      subject.model.commit(batch)
      await subject.expectContents()
      await subject.commit({})
      await subject.expectNoGarbage()
    })
  })

  describe('a reader of the completed state', () => {
    test('never sees a mixture, while another store heals and completes the next', async () => {
      const [reader, writer] = [await subject.open(), subject.store]
      const key = (index: number) => hashKey(index)
      const state = (round: number): StoreBatch => ({
        accounts: makeLeaves(
          Array.from({ length: 300 }, (_, index) => key(index)),
          () => new Uint8Array(200).fill(round),
        ),
        complete: Uint8Array.of(round, ...hashKey('root').subarray(1)),
      })
      await writer.commit(state(0))
      let healing = true
      const rounds: number[] = []
      const reading = (async () => {
        while (healing || rounds.length === 0) {
          const before = await reader.completion()
          const values: number[] = []
          for (const index of [0, 100, 299]) {
            values.push((await reader.completed.getAccount(key(index)))![0]!)
          }
          for await (const leaves of reader.completed.accounts()) values.push(...leaves.values)
          const after = await reader.completion()
          if (before!.completionId !== after!.completionId) continue
          expect(new Set(values)).toEqual(new Set([before!.root[0]!]))
          rounds.push(before!.root[0]!)
        }
      })()
      for (let round = 1; round <= 4; round++) {
        for (let heal = 0; heal < 20; heal++) {
          await writer.commit({ removeAccounts: [above(0, 32)], ...largeLeaves(heal, 20, 0xee) })
        }
        await writer.commit({ removeAccounts: [above(0, 32)], removeSlots: [above(0, 64)] })
        await writer.commit(state(round))
      }
      healing = false
      await reading
      expect(rounds).toEqual([...rounds].sort())
      expect(rounds.length).toBeGreaterThan(1)
    })

    test('forgets what it read last when it is cleared, also where a read was on its way', async () => {
      await subject.commit({ ...fullBatch(1000), complete: hashKey('root 1') })
      const account = hashKey('account 1')
      const read = () => subject.store.watchCompleted().view.getAccount(account)
      expect(await read()).toBeDefined()
      await Promise.all([subject.store.completed.getAccount(account), subject.store.clear()])
      expect(await read()).toBeUndefined()
      subject.model.clear()
    })

    test('does not list the pages again while another store heals, and once after it completed', async () => {
      await subject.commit({ ...fullBatch(1000), complete: hashKey('root 1') })
      const seen: Watched[] = []
      const backend = watched(await subject.openBackend(), (transaction) => seen.push(transaction))
      const reader = subject.closeLater(new PagedStore(backend))
      const account = hashKey('account 1')
      await reader.completed.getAccount(account)
      seen.length = 0
      const read = { mode: 'readonly', gets: 1, listings: 0, puts: 0, deletes: 0 }
      for (let round = 0; round < 3; round++) {
        await subject.commit(fullBatch(1500, round))
        await reader.completed.getAccount(account)
      }
      expect(seen).toEqual([read, read, read])
      seen.length = 0
      await subject.commit({ complete: hashKey('root 2') })
      await subject.expectNoGarbage()
      await reader.completed.getAccount(account)
      await reader.completed.getAccount(account)
      expect(seen).toEqual([{ ...read, gets: 2, listings: 2 }, read])
      await subject.expectContents(reader)
    })
  })
}
