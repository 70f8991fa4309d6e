import type { StoreBatch } from '../../../src/store/StateStore.ts'
import { codeEntry } from './codeEntry.ts'
import { hashKey, makeLeaves, slotKey } from './makeLeaves.ts'

/**
 * A batch with something for every table: `count` accounts and slots, the same in every round but
 * for their values.
 */
export function fullBatch(count: number, round = 0): StoreBatch {
  const value = (index: number) => hashKey(index % 7).map((byte) => byte ^ round)
  const numbers = Array.from({ length: count }, (_, index) => index)
  return {
    accounts: makeLeaves(
      numbers.map((number) => hashKey(`account ${number}`)),
      (index) => new Uint8Array([...value(index), ...value(index + 1)]),
    ),
    slots: makeLeaves(
      numbers.map((number) => slotKey(number % 5, number)),
      value,
    ),
    codes: [codeOf(round)],
    journal: new Map([
      ['cursor', Uint8Array.of(round)],
      [`round ${round}`, value(round)],
      [`round ${round - 1}`, undefined],
    ]),
  }
}

/** The code of a batch, under its hash. */
export const codeOf = (round: number) => codeEntry(Uint8Array.of(0xc0, round & 0xff, round >> 8))
