import { describe, expect, test } from 'vitest'
import { fromHex } from '../../../src/base/bytes/hex.ts'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import type { KeyRange } from '../../../src/store/KeyRange.ts'
import { PagedStore } from '../../../src/store/PagedStore.ts'
import { failAfter } from '../../support/store/failAfter.ts'
import { fullBatch } from '../../support/store/fullBatch.ts'
import { hashKey, makeLeaves, slotKey } from '../../support/store/makeLeaves.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'

/** All keys of a table. */
const everything = (keySize: number): KeyRange => ({
  first: new Uint8Array(keySize),
  last: new Uint8Array(keySize).fill(0xff),
})

/** All slots of an account. */
const slotsOf = (account: Uint8Array): KeyRange => ({
  first: Uint8Array.of(...account, ...new Uint8Array(32)),
  last: Uint8Array.of(...account, ...new Uint8Array(32).fill(0xff)),
})

/** Removing whole ranges of leaves. */
export function removalSuite(subject: StoreUnderTest): void {
  describe('a removed range', () => {
    test('takes its leaves along, both ends included, and no others', async () => {
      await subject.commit(fullBatch(3000))
      const keys = [...subject.model.working.accounts.keys()]
        .sort()
        .map((key) => fromHex(key, 'key'))
      await subject.commit({
        removeAccounts: [
          { first: keys[100]!, last: keys[2500]! },
          { first: keys[50]!, last: keys[50]! },
          { first: keys[2999]!, last: new Uint8Array(32).fill(0xff) },
        ],
      })
      expect(subject.model.working.accounts.size).toBe(3000 - 2401 - 2)
      await subject.expectContents()
      await subject.expectContents(await subject.open())
    })

    test('comes before the leaves of the same batch', async () => {
      await subject.commit(fullBatch(2000))
      await subject.commit({
        ...fullBatch(300, 1),
        removeAccounts: [everything(32)],
        removeSlots: [everything(64)],
      })
      expect((await subject.store.working.totals()).accounts).toBe(300)
      await subject.expectContents()
    })

    test('takes the slots of one account, beside others in the same page and over many pages', async () => {
      const names = Array.from({ length: 40 }, (_, index) => `small ${index}`)
      const keys = names.flatMap((name) => [1, 2, 3].map((slot) => slotKey(name, slot)))
      for (let slot = 0; slot < 5000; slot++) keys.push(slotKey('large', slot))
      await subject.commit({ slots: makeLeaves(keys, (index) => hashKey(index)) })
      const pages = (await subject.pageSizes('slots')).length
      await subject.commit({
        removeSlots: [slotsOf(hashKey('small 7')), slotsOf(hashKey('large'))],
      })
      expect(subject.model.working.slots.size).toBe(39 * 3)
      await subject.expectContents()
      expect((await subject.pageSizes('slots')).length).toBeLessThan(pages)
    })

    test('leaves no page behind where it leaves no leaf', async () => {
      await subject.commit(fullBatch(3000))
      await subject.commit({ removeAccounts: [everything(32)], removeSlots: [everything(64)] })
      await subject.expectContents()
      expect(await subject.store.working.totals()).toMatchObject({
        accounts: 0,
        slots: 0,
        codes: 1,
      })
      const backend = await subject.openBackend()
      const ids = await backend.transact('readonly', (transaction) =>
        Promise.all([transaction.keys('accounts'), transaction.keys('slots')]),
      )
      expect(ids).toEqual([[], []])
      await subject.commit(fullBatch(500, 1))
      await subject.expectContents()
    })

    test('may hold nothing', async () => {
      await subject.commit({ removeAccounts: [everything(32)] })
      await subject.commit(fullBatch(100))
      const key = hashKey('no account')
      await subject.commit({ removeAccounts: [{ first: key, last: key }], removeSlots: [] })
      await subject.expectContents()
    })

    test('is seen by another store over the same database', async () => {
      const other = await subject.open()
      await subject.commit(fullBatch(2000))
      await subject.expectContents(other)
      await subject.commit({
        removeAccounts: [{ first: new Uint8Array(32), last: new Uint8Array(32).fill(0x7f) }],
      })
      await subject.expectContents(other)
      const leaf = packLeaves([[hashKey('back again'), hashKey(1)]])
      await other.commit({ accounts: leaf })
      subject.model.commit({ accounts: leaf })
      await subject.expectContents()
    })

    test.each([0, 1, 3, 10])(
      'of a commit that fails after %i writes is still there',
      async (writes) => {
        await subject.commit(fullBatch(3000))
        const failing = new PagedStore(failAfter(await subject.openBackend(), () => writes))
        subject.closeLater(failing)
        const batch = {
          ...fullBatch(200, 1),
          removeAccounts: [everything(32)],
          removeSlots: [everything(64)],
        }
        await expect(failing.commit(batch)).rejects.toThrow('no more writes')
        await subject.expectContents(failing)
        await subject.expectContents()
      },
    )
  })
}
