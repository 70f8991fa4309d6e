import { describe, expect, test } from 'vitest'
import { StoreClosedError } from '../../../src/store/errors.ts'
import { PagedStore } from '../../../src/store/PagedStore.ts'
import { fullBatch } from '../../support/store/fullBatch.ts'
import { hashKey } from '../../support/store/makeLeaves.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'

/** The end of a store. */
export function closeSuite(subject: StoreUnderTest): void {
  describe('close', () => {
    test('waits for running commits, and may be called twice', async () => {
      const batch = fullBatch(1000)
      const running = subject.store.commit(batch)
      await Promise.all([subject.store.close(), subject.store.close()])
      await running
      subject.model.commit(batch)
      await subject.expectContents(await subject.open())
    })

    test('frees the database after the running commits, not before', async () => {
      const events: string[] = []
      const backend = await subject.openBackend()
      const store = new PagedStore({
        transact: (mode, work) =>
          backend.transact(mode, work).finally(() => events.push('transaction')),
        close: () => events.push('close'),
      })
      const running = [store.commit(fullBatch(10)), store.commit(fullBatch(20))]
      await store.close()
      expect(events).toEqual(['transaction', 'transaction', 'close'])
      await Promise.all(running)
    })

    test('makes every later call reject', async () => {
      await subject.commit(fullBatch(1000))
      const iterator = subject.store.working.accounts()[Symbol.asyncIterator]()
      await iterator.next()
      const closing = subject.store.close()
      const calls = [
        iterator.next(),
        subject.store.commit(fullBatch(1)),
        subject.store.working.getAccount(hashKey(1)),
        subject.store.working.getSlot(hashKey(1), hashKey(1)),
        subject.store.working.getCode(hashKey(1)),
        subject.store.working.hasCodes([hashKey(1)]),
        subject.store.working.slots()[Symbol.asyncIterator]().next(),
        subject.store.journal(),
        subject.store.working.totals(),
        subject.store.clear(),
      ]
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({ status: 'rejected', reason: { reason: 'closed' } })
        expect((result as PromiseRejectedResult).reason).toBeInstanceOf(StoreClosedError)
      }
      await closing
    })
  })
}
