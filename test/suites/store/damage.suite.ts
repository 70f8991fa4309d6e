import { describe, expect, test } from 'vitest'
import type { StoreTransaction } from '../../../src/store/backend/StoreBackend.ts'
import { KeyPrefix } from '../../../src/store/directory/KeyPrefix.ts'
import { PageKey } from '../../../src/store/directory/PageKey.ts'
import { StoreCorruptError } from '../../../src/store/errors.ts'
import { fullBatch } from '../../support/store/fullBatch.ts'
import { hashKey } from '../../support/store/makeLeaves.ts'
import { hexEntries } from '../../support/store/StoreModel.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'

/** A database that does not hold what a store wrote. */
export function damageSuite(subject: StoreUnderTest): void {
  describe('a damaged database', () => {
    const touched = hashKey('account 0')

    test.each<[string, (page: Uint8Array) => Uint8Array]>([
      ['cut off', (page) => page.subarray(0, page.length - 1)],
      ['of no bytes', () => new Uint8Array()],
      ['of a later format', (page) => Uint8Array.of(3, ...page.subarray(1))],
      ['of noise', (page) => page.map((_, index) => (index * 151) & 0xff)],
    ])('with a page %s is a StoreCorruptError where it is read', async (_, change) => {
      await subject.commit(fullBatch(1000))
      await subject.damage(async (transaction) => {
        for (const [id, page] of await transaction.entries('accounts')) {
          transaction.put('accounts', id, change(page))
        }
      })
      const before = await subject.store.working.totals()
      await expect(subject.store.working.getAccount(touched)).rejects.toBeInstanceOf(
        StoreCorruptError,
      )
      await expect(
        subject.store.working.accounts()[Symbol.asyncIterator]().next(),
      ).rejects.toBeInstanceOf(StoreCorruptError)
      // The slots of the batch are sound, and still must not be written without the accounts.
      await expect(subject.store.commit(fullBatch(1500))).rejects.toBeInstanceOf(StoreCorruptError)
      expect(await subject.store.working.totals()).toEqual(before)
      subject.model.working.accounts.clear()
      const slots = []
      for await (const leaves of subject.store.working.slots()) slots.push(...hexEntries(leaves))
      expect(new Map(slots)).toEqual(subject.model.working.slots)
    })

    test.each<[string, (transaction: StoreTransaction) => Promise<void>]>([
      [
        'with a page under another id',
        async (transaction) => {
          const [[first], [, last]] = await transaction
            .entries('accounts')
            .then((all) => [all[0]!, all.at(-1)!] as const)
          transaction.put('accounts', first, last)
        },
      ],
      [
        'with overlapping pages',
        async (transaction) => {
          const page = new PageKey(new KeyPrefix(new Uint8Array(32), 0), 1)
          transaction.put('accounts', page.bytes(), new Uint8Array())
        },
      ],
      [
        'with a page of a generation yet to come',
        async (transaction) => {
          const page = new PageKey(new KeyPrefix(new Uint8Array(32), 0), 3)
          transaction.put('accounts', page.bytes(), new Uint8Array())
        },
      ],
      [
        'with a page that is gone and there at once',
        async (transaction) => {
          const [key] = await transaction.keys('accounts')
          const { prefix, generation } = PageKey.fromBytes(key!, 32)
          const tombstone = new PageKey(prefix, generation, true)
          transaction.put('accounts', tombstone.bytes(), new Uint8Array())
        },
      ],
      [
        'with an id that is none',
        async (transaction) => transaction.put('slots', Uint8Array.of(7), new Uint8Array()),
      ],
      [
        'with a head of another size',
        async (transaction) =>
          transaction.put('meta', new TextEncoder().encode('head'), new Uint8Array(3)),
      ],
      [
        'with a head that has lost its root',
        async (transaction) => {
          const name = new TextEncoder().encode('head')
          transaction.put('meta', name, (await transaction.get('meta', name))!.subarray(0, 96))
        },
      ],
      [
        'with a head of no whole numbers',
        async (transaction) =>
          transaction.put('meta', new TextEncoder().encode('head'), new Uint8Array(96).fill(0x7f)),
      ],
    ])('%s is a StoreCorruptError, and can be cleared', async (_, change) => {
      await subject.commit({ ...fullBatch(1000), complete: hashKey('root') })
      await subject.damage(change)
      const other = await subject.open()
      const reading = (async () => {
        for await (const leaves of other.working.accounts()) expect(leaves.count).toBeGreaterThan(0)
      })()
      await expect(reading).rejects.toBeInstanceOf(StoreCorruptError)
      await other.clear()
      subject.model.clear()
      await subject.expectContents(other)
      await subject.commit(fullBatch(100))
      await subject.expectContents(other)
    })
  })
}
