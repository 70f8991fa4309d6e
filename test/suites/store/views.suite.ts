import { describe, expect, test } from 'vitest'
import type { KeyRange } from '../../../src/store/KeyRange.ts'
import type { StoreBatch } from '../../../src/store/StateStore.ts'
import { fullBatch } from '../../support/store/fullBatch.ts'
import { hashKey, makeLeaves } from '../../support/store/makeLeaves.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'

const ALL_ACCOUNTS: KeyRange = {
  first: new Uint8Array(32),
  last: new Uint8Array(32).fill(0xff),
}
const ALL_SLOTS: KeyRange = { first: new Uint8Array(64), last: new Uint8Array(64).fill(0xff) }
const NOTHING: StoreBatch = { removeAccounts: [ALL_ACCOUNTS], removeSlots: [ALL_SLOTS] }

/** Accounts whose keys all begin with `first`, so that they are on some pages and not on others. */
function accountsUnder(first: number, count: number, round = 0): StoreBatch {
  const keys = Array.from({ length: count }, (_, index) => {
    const key = hashKey(`${first}/${index}`)
    key[0] = first
    return key
  })
  return { accounts: makeLeaves(keys, () => new Uint8Array(100).fill(round)) }
}

/** The completed state and the one that is laid over it. */
export function viewsSuite(subject: StoreUnderTest): void {
  const complete = (name: string, batch: StoreBatch = {}) =>
    subject.commit({ ...batch, complete: hashKey(name) })

  describe('the completed state', () => {
    test('is empty until the first completion', async () => {
      await subject.commit(fullBatch(500))
      expect(await subject.store.completion()).toBeUndefined()
      expect((await subject.store.completed.totals()).accounts).toBe(0)
      await subject.expectContents()
    })

    test('has what was committed up to its completion, leaves of that commit included', async () => {
      await subject.commit(fullBatch(500))
      await complete('root', fullBatch(700, 1))
      expect(subject.model.completed.accounts.size).toBe(700)
      await subject.expectContents()
      await subject.expectContents(await subject.open())
    })

    test('does not show what is committed later: changed, new, removed, split', async () => {
      await complete('root', fullBatch(1500))
      const [first, last] = [new Uint8Array(32), new Uint8Array(32).fill(0x3f)]
      const later: StoreBatch[] = [
        fullBatch(300, 1),
        fullBatch(5000, 2),
        { removeAccounts: [{ first, last }] },
        { removeSlots: [ALL_SLOTS], slots: fullBatch(50, 3).slots! },
      ]
      for (const batch of later) {
        await subject.commit(batch)
        expect(subject.model.completed.accounts.size).toBe(1500)
        await subject.expectContents()
      }
      await subject.expectContents(await subject.open())
    })

    test('is still there when all that lies over it is removed, made anew and removed again', async () => {
      await complete('root', fullBatch(1500))
      for (let round = 1; round < 4; round++) {
        await subject.commit(NOTHING)
        await subject.expectContents()
        // Other pages than those which were removed: first one of everything, then again some.
        await subject.commit(fullBatch(round === 2 ? 5000 : 5, round))
        await subject.expectContents()
        await subject.expectContents(await subject.open())
      }
      await complete('next', NOTHING)
      await subject.expectContents()
      await subject.expectNoGarbage()
      expect(await rawPages()).toEqual([0, 0])
      await subject.expectContents(await subject.open())
    })

    test('of a part that came back has nothing of what was there before', async () => {
      await complete('root', accountsUnder(0x00, 900))
      await subject.commit(accountsUnder(0xf0, 900))
      await subject.commit({ removeAccounts: [{ ...ALL_ACCOUNTS, last: hash(0x7f) }] })
      await subject.expectContents()
      // One leaf where there were pages, which the completed state still shows.
      await subject.commit(accountsUnder(0x00, 1, 1))
      await subject.expectContents()
      await subject.expectContents(await subject.open())
      await complete('next')
      await subject.expectNoGarbage()
      await subject.expectContents(await subject.open())
    })

    test('stays right over many generations of growing, shrinking pages', async () => {
      for (let round = 0; round < 8; round++) {
        const rest = { first: hash(round * 0x20), last: hash(round * 0x20 + 0x1f) }
        await subject.commit({ removeAccounts: [rest] })
        await subject.commit(accountsUnder(round * 0x10, 200 * (round + 1), round))
        await complete(`root ${round}`, accountsUnder(0x7f - round, 400, round))
        await subject.commit(accountsUnder(round * 0x10, 10, 0xff))
        await subject.expectContents()
      }
      await subject.expectContents(await subject.open())
      await subject.expectNoGarbage()
      await subject.expectContents(await subject.open())
    })

    test('counts its own totals', async () => {
      await complete('root', fullBatch(100))
      await subject.commit({ ...fullBatch(200, 1), ...NOTHING })
      const { completed, working } = subject.store
      expect(await completed.totals()).toMatchObject({ accounts: 100, codes: 1 })
      expect(await working.totals()).toMatchObject({ accounts: 200, codes: 2 })
      await subject.expectContents()
    })

    test('is gone with all else when the store is cleared', async () => {
      await complete('root', fullBatch(100))
      await subject.commit(fullBatch(300, 1))
      await subject.store.clear()
      subject.model.clear()
      expect(await subject.store.completion()).toBeUndefined()
      await subject.expectContents()
      await complete('other', fullBatch(50, 2))
      await subject.expectContents()
    })
  })

  const hash = (byte: number) => new Uint8Array(32).fill(0xff).fill(byte, 0, 1)

  /** How many records the leaf tables have. */
  const rawPages = async () => {
    const backend = await subject.openBackend()
    const keys = await backend.transact('readonly', (transaction) =>
      Promise.all([transaction.keys('accounts'), transaction.keys('slots')]),
    )
    return keys.map((it) => it.length)
  }
}
