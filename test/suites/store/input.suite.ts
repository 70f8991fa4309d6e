import { expect, test } from 'vitest'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import { StoreInputError } from '../../../src/store/errors.ts'
import type { StateStore } from '../../../src/store/StateStore.ts'
import { fullBatch } from '../../support/store/fullBatch.ts'
import { hashKey, slotKey } from '../../support/store/makeLeaves.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'

/** Keys and leaves that no store takes. */
export function inputSuite(subject: StoreUnderTest): void {
  test.each<[string, (store: StateStore) => Promise<unknown>]>([
    ['an address for an account hash', (store) => store.working.getAccount(new Uint8Array(20))],
    ['a short slot hash', (store) => store.working.getSlot(hashKey(1), new Uint8Array(31))],
    ['a long code hash', (store) => store.working.getCode(new Uint8Array(33))],
    ['no code hash', (store) => store.working.hasCodes([undefined as unknown as Uint8Array])],
    [
      'code under a short hash',
      (store) => store.commit({ codes: [{ hash: new Uint8Array(1), code: new Uint8Array(1) }] }),
    ],
    [
      'slots among the accounts',
      (store) => store.commit({ accounts: packLeaves([[slotKey(1, 2), hashKey(1)]], 64) }),
    ],
    [
      'leaves that descend',
      (store) =>
        store.commit({
          accounts: packLeaves([
            [new Uint8Array(32).fill(2), hashKey(1)],
            [new Uint8Array(32).fill(1), hashKey(1)],
          ]),
        }),
    ],
    [
      'a leaf twice',
      (store) =>
        store.commit({
          accounts: packLeaves([
            [hashKey(1), hashKey(1)],
            [hashKey(1), hashKey(1)],
          ]),
        }),
    ],
    [
      'a block number for a state root',
      (store) => store.commit({ complete: new Uint8Array(8), ...fullBatch(20, 1) }),
    ],
    ['iterating over slots from an account on', async (store) => store.completed.slots(hashKey(1))],
    [
      'iterating over accounts from a slot on',
      async (store) => store.working.accounts(slotKey(1, 2)),
    ],
    [
      'a range that ends in an address',
      (store) =>
        store.commit({ removeAccounts: [{ first: hashKey(1), last: new Uint8Array(20) }] }),
    ],
    [
      'a range of accounts among the slots',
      (store) => store.commit({ removeSlots: [{ first: hashKey(1), last: hashKey(1) }] }),
    ],
    [
      'a range from its last key to its first',
      (store) => {
        const [first, last] = [new Uint8Array(32).fill(2), new Uint8Array(32).fill(1)]
        return store.commit({ removeAccounts: [{ first, last }] })
      },
    ],
  ])('refuses %s', async (_, call) => {
    await subject.commit(fullBatch(10))
    await expect(call(subject.store)).rejects.toBeInstanceOf(StoreInputError)
    await subject.expectContents()
  })
}
