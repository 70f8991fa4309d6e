import { describe, expect, test } from 'vitest'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import { PagedStore } from '../../../src/store/PagedStore.ts'
import { codeEntry } from '../../support/store/codeEntry.ts'
import { failAfter } from '../../support/store/failAfter.ts'
import { fullBatch } from '../../support/store/fullBatch.ts'
import { hashKey } from '../../support/store/makeLeaves.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'

/** All or nothing, in order, and on its own. */
export function commitSuite(subject: StoreUnderTest): void {
  describe('a commit', () => {
    test('applies in the order of the calls', async () => {
      const batches = Array.from({ length: 20 }, (_, round) => fullBatch(200, round))
      await Promise.all(batches.map((batch) => subject.commit(batch)))
      await subject.expectContents()
      expect([...(await subject.store.journal()).get('cursor')!]).toEqual([19])
    })

    test.each([0, 1, 3, 20])('that fails after %i writes changes nothing', async (writes) => {
      await subject.commit(fullBatch(1000))
      const failing = new PagedStore(failAfter(await subject.openBackend(), () => writes))
      subject.closeLater(failing)
      await expect(failing.commit(fullBatch(3000, 1))).rejects.toThrow('no more writes')
      await subject.expectContents(failing)
      await subject.expectContents()
    })

    test('that failed does not keep the next from succeeding', async () => {
      let writes = 5
      subject.store = new PagedStore(failAfter(await subject.openBackend(), () => writes))
      subject.closeLater(subject.store)
      const results = [fullBatch(3000, 1), fullBatch(2000, 2)].map((batch) =>
        subject.store.commit(batch),
      )
      await Promise.all(results.map((result) => expect(result).rejects.toThrow('no more writes')))
      writes = Number.POSITIVE_INFINITY
      await subject.commit(fullBatch(1500, 3))
      await subject.expectContents()
    })

    test('of nothing is one', async () => {
      await subject.commit({})
      await subject.commit({ accounts: packLeaves([], 0), slots: packLeaves([], 0), codes: [] })
      await subject.expectContents()
    })

    test('takes copies, and so do reads', async () => {
      const accounts = packLeaves([[hashKey(1), Uint8Array.of(1, 2, 3)]])
      const code = new Uint8Array(1000).subarray(10, 14)
      const { hash: codeHash } = codeEntry(code.slice())
      const record = Uint8Array.of(9)
      const batch = {
        accounts,
        codes: [{ hash: codeHash, code }],
        journal: new Map([['a', record]]),
      }
      await subject.commit(batch)
      accounts.values.fill(0xff)
      code.fill(0xff)
      record.fill(0xff)
      for (let round = 0; round < 2; round++) {
        const read = [
          await subject.store.working.getAccount(hashKey(1)),
          await subject.store.working.getCode(codeHash),
          (await subject.store.journal()).get('a'),
        ] as Uint8Array[]
        expect(read.map((bytes) => [...bytes])).toEqual([[1, 2, 3], [0, 0, 0, 0], [9]])
        // No larger buffer hangs on to them, neither here nor in the database.
        expect(read.map((bytes) => bytes.buffer.byteLength)).toEqual([3, 4, 1])
        for (const bytes of read) bytes.fill(0xee)
      }
    })
  })
}
