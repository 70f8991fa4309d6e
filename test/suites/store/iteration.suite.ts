import { describe, expect, test } from 'vitest'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { fromHex, toHex } from '../../../src/base/bytes/hex.ts'
import { leafKey } from '../../../src/leaves/Leaves.ts'
import { fullBatch } from '../../support/store/fullBatch.ts'
import { hashKey } from '../../support/store/makeLeaves.ts'
import { hexEntries } from '../../support/store/StoreModel.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'

/** Iterating while the store changes. */
export function iterationSuite(subject: StoreUnderTest): void {
  describe('iteration', () => {
    test('shows each leaf from before it began once, in order, while commits go on', async () => {
      await subject.commit(fullBatch(6000))
      const before = [...subject.model.working.accounts.keys()].sort()
      const seen: string[] = []
      let round = 0
      for await (const leaves of subject.store.working.accounts()) {
        if (round++ < 10) await subject.commit(fullBatch(600, round))
        seen.push(...hexEntries(leaves).map(([key]) => key))
      }
      expect(round).toBeGreaterThan(16)
      expect(seen).toEqual([...new Set(seen)].sort())
      const all = new Set(seen)
      expect(before.filter((key) => !all.has(key))).toEqual([])
    })

    test('never goes back, even when everything is replaced', async () => {
      await subject.commit(fullBatch(12_000))
      let last = new Uint8Array()
      let round = 0
      for await (const leaves of subject.store.working.accounts()) {
        expect(compareBytes(last, leafKey(leaves, 0))).toBeLessThan(0)
        last = leafKey(leaves, leaves.count - 1).slice()
        if (round++ === 15) {
          await subject.store.clear()
          await subject.store.commit(fullBatch(200))
        }
      }
      // The sixteen pages behind those that are given are read ahead, and the next are found among
      // the new ones.
      expect(round).toBe(33)
    })

    test('begins at a key, whether there is a leaf of it or not', async () => {
      await subject.commit({ ...fullBatch(3000), complete: hashKey('root') })
      const { completed } = subject.store
      for (const table of ['accounts', 'slots'] as const) {
        const all = [...subject.model.completed[table].keys()].sort()
        const there = [0, 1, 1234, 2998, 2999].map((index) => fromHex(all[index]!, 'key'))
        const size = there[0]!.length
        const beside = there.map((key) => key.with(-1, key.at(-1)! ^ 1))
        const ends = [new Uint8Array(size), new Uint8Array(size).fill(0xff)]
        for (const from of [...there, ...beside, ...ends]) {
          const seen: string[] = []
          for await (const leaves of completed[table](from)) {
            seen.push(...hexEntries(leaves).map(([key]) => key))
          }
          expect(seen).toEqual(all.filter((key) => key >= toHex(from)))
        }
      }
    })

    test('can be left early', async () => {
      await subject.commit(fullBatch(6000))
      for await (const leaves of subject.store.working.slots()) {
        expect(leaves.count).toBeGreaterThan(0)
        break
      }
      await subject.expectContents()
    })
  })
}
