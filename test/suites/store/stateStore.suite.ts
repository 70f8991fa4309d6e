import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import { anyStep } from '../../support/store/anyStep.ts'
import { codeEntry } from '../../support/store/codeEntry.ts'
import { fullBatch } from '../../support/store/fullBatch.ts'
import { hashKey } from '../../support/store/makeLeaves.ts'
import { type StoreFixture, StoreUnderTest } from '../../support/store/StoreUnderTest.ts'
import { closeSuite } from './close.suite.ts'
import { commitSuite } from './commit.suite.ts'
import { completionSuite } from './completion.suite.ts'
import { damageSuite } from './damage.suite.ts'
import { inputSuite } from './input.suite.ts'
import { iterationSuite } from './iteration.suite.ts'
import { pagesSuite } from './pages.suite.ts'
import { removalSuite } from './removal.suite.ts'
import { sharingSuite } from './sharing.suite.ts'
import { triesSuite } from './tries.suite.ts'
import { viewsSuite } from './views.suite.ts'

/**
 * What every store must do.
 *
 * @param name of the implementation
 * @param create makes a new, empty database
 * @param runs of the property test
 */
export function stateStoreSuite(
  name: string,
  create: () => Promise<StoreFixture>,
  runs: number,
): void {
  describe(`a ${name} store`, () => {
    const subject = new StoreUnderTest(create)
    beforeEach(() => subject.setUp())
    afterEach(() => subject.tearDown())

    test('is empty at first', async () => {
      const { store } = subject
      await subject.expectContents()
      expect(await store.working.getAccount(hashKey(1))).toBeUndefined()
      expect(await store.working.getSlot(hashKey(1), hashKey(2))).toBeUndefined()
      expect(await store.working.getCode(hashKey(1))).toBeUndefined()
      expect(await store.working.hasCodes([hashKey(1)])).toEqual([false])
    })

    test('agrees with plain maps after any sequence of commits', { timeout: 120_000 }, async () => {
      const absent = Array.from({ length: 20 }, (_, index) => hashKey(`absent ${index}`))
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 12 }), async (steps) => {
          await subject.tearDown()
          await subject.setUp()
          let other = await subject.open()
          for (const step of steps) {
            if (step === 'clear') {
              await subject.store.clear()
              subject.model.clear()
            } else if (step === 'reopen') {
              await subject.store.close()
              subject.store = await subject.open()
            } else if (step === 'change over') {
              ;[subject.store, other] = [other, subject.store]
            } else {
              await subject.commit(step)
            }
          }
          await subject.expectContents()
          await subject.expectContents(other)
          await subject.store.commit({})
          await subject.expectNoGarbage()
          await subject.expectContents()
          for (const key of absent)
            expect(await subject.store.working.getAccount(key)).toBeUndefined()
        }),
        { numRuns: runs },
      )
    })

    test('shows everything after it was opened again', async () => {
      await subject.commit(fullBatch(1500))
      await subject.store.close()
      await subject.expectContents(await subject.open())
    })

    test('counts a leaf and a code once, however often it is written', async () => {
      const { store } = subject
      const accounts = packLeaves([[hashKey(1), new Uint8Array(10)]])
      const codes = [codeEntry(new Uint8Array(5)), codeEntry(new Uint8Array(5))]
      await store.commit({ accounts, codes })
      await store.commit({ accounts, codes })
      await store.commit({ accounts: packLeaves([[hashKey(1), new Uint8Array(4)]]) })
      expect(await store.working.totals()).toEqual({ accounts: 1, slots: 0, codes: 1, bytes: 73 })
    })

    pagesSuite(subject)
    commitSuite(subject)
    removalSuite(subject)
    triesSuite(subject)
    sharingSuite(subject)
    viewsSuite(subject)
    completionSuite(subject)
    iterationSuite(subject)
    closeSuite(subject)
    inputSuite(subject)
    damageSuite(subject)
  })
}
