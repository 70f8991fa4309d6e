import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRecord } from '../journal/journalRecord.ts'
import { noCounts } from './counts.ts'
import { countsRecord, readCounts } from './countsRecord.ts'

const count = fc.maxSafeNat()
const counts = fc.record({
  synced: fc.record({
    ...{ accounts: count, accountBytes: count, slots: count, slotBytes: count },
    ...{ codes: count, codeBytes: count },
  }),
  healed: fc.record({
    ...{ nodes: count, nodeBytes: count, codes: count, codeBytes: count },
    ...{ accounts: count, accountBytes: count, slots: count, slotBytes: count },
  }),
})

describe('the record of counts', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(counts, (written) => {
        expect(readCounts(new Map([countsRecord(written)]))).toEqual(written)
      }),
    )
  })

  it('counts nothing if there is none', () => {
    expect(readCounts(new Map())).toEqual(noCounts())
  })

  const [name, whole] = countsRecord(noCounts())
  const flipped = whole.with(whole.length - 1, whole.at(-1)! ^ 1)
  const numbers = (first: bigint, more: bigint[] = []) => {
    return encodeRecord(first, ...Array<bigint>(13).fill(0n), ...more)
  }
  it.each([
    ['is flipped', flipped],
    ['is cut', whole.subarray(0, -1)],
    ['holds a number above 2^53', numbers(2n ** 53n)],
    ['holds one number too many', numbers(1n, [1n])],
  ])('begins at zero, and tells so, if it %s', (_, record) => {
    const damage: string[] = []
    expect(readCounts(new Map([[name, record]]), ({ code }) => damage.push(code))).toEqual(
      noCounts(),
    )
    expect(damage).toEqual(['JOURNAL'])
  })
})
