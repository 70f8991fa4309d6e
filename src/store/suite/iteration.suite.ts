import { describe, expect, test } from 'vitest'
import { compareBytes } from '../../bytes/compareBytes.ts'
import { leafKey } from '../../leaves/leafAt.ts'
import { fullBatch } from '../fixtures/fullBatch.ts'
import { hexEntries } from '../fixtures/StoreModel.ts'
import type { StoreUnderTest } from '../fixtures/StoreUnderTest.ts'

/** Iterating while the store changes. */
export function iterationSuite(subject: StoreUnderTest): void {
  describe('iteration', () => {
    test('shows each leaf from before it began once, in order, while commits go on', async () => {
      await subject.commit(fullBatch(6000))
      const before = [...subject.model.working.accounts.keys()].sort()
      const seen: string[] = []
      let round = 0
      for await (const leaves of subject.store.accounts()) {
        if (round++ < 10) await subject.commit(fullBatch(600, round))
        seen.push(...hexEntries(leaves).map(([key]) => key))
      }
      expect(round).toBeGreaterThan(16)
      expect(seen).toEqual([...new Set(seen)].sort())
      const all = new Set(seen)
      expect(before.filter((key) => !all.has(key))).toEqual([])
    })

    test('never goes back, even when everything is replaced', async () => {
      await subject.commit(fullBatch(6000))
      let last = new Uint8Array()
      let round = 0
      for await (const leaves of subject.store.accounts()) {
        expect(compareBytes(last, leafKey(leaves, 0))).toBeLessThan(0)
        last = leafKey(leaves, leaves.count - 1).slice()
        if (round++ === 15) {
          await subject.store.clear()
          await subject.store.commit(fullBatch(200))
        }
      }
      expect(round).toBe(17)
    })

    test('can be left early', async () => {
      await subject.commit(fullBatch(6000))
      for await (const leaves of subject.store.slots()) {
        expect(leaves.count).toBeGreaterThan(0)
        break
      }
      await subject.expectContents()
    })
  })
}
