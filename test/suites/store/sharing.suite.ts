import { describe, test } from 'vitest'
import { fullBatch } from '../../support/store/fullBatch.ts'
import { hashKey, makeLeaves } from '../../support/store/makeLeaves.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'

/** Two connections, as two tabs have them. */
export function sharingSuite(subject: StoreUnderTest): void {
  describe('two stores over one database', () => {
    test('see what the other wrote, whatever pages it made', async () => {
      const other = await subject.open()
      await subject.expectContents(other)
      for (let round = 0; round < 4; round++) {
        const batch = fullBatch(500 * (round + 1), round)
        await (round % 2 ? subject.store : other).commit(batch)
        subject.model.commit(batch)
      }
      await subject.expectContents()
      await subject.expectContents(other)
      await other.clear()
      subject.model.clear()
      await subject.commit(fullBatch(100))
      await subject.expectContents(other)
    })

    test('write at the same time', async () => {
      const other = await subject.open()
      const batches = Array.from({ length: 10 }, (_, round) => ({
        accounts: makeLeaves(
          Array.from({ length: 500 }, (_, index) => hashKey(`${round}/${index}`)),
          () => new Uint8Array(60).fill(round),
        ),
      }))
      await Promise.all(
        batches.map((batch, index) => (index % 2 ? subject.store : other).commit(batch)),
      )
      for (const batch of batches) subject.model.commit(batch)
      await subject.expectContents()
      await subject.expectContents(other)
    })
  })
}
