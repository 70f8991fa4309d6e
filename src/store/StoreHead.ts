import { StoreCorruptError } from './errors/StoreCorruptError.ts'
import type { StoreTotals } from './StateStore.ts'

/** The one record that every transaction reads first, and every commit writes. */
export interface StoreHead {
  /**
   * Drawn anew (53 random bits) with every change of the set of pages: who knows the pages of another version must load
   * them again. Not a counter, because `clear` has to get along with a head that cannot be read.
   */
  pagesVersion: number
  /** Drawn anew with every change of leaves, in the same way: what was made of them elsewhere does not hold any more. */
  leavesVersion: number
  totals: StoreTotals
}

/** The totals of an empty store. */
export const NO_TOTALS: StoreTotals = { accounts: 0, slots: 0, codes: 0, bytes: 0 }

const FIELDS = 6

export function newVersion(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)
}

/** Six 64-bit floats, little-endian: exact for whole numbers up to 2^53. */
export function encodeHead({ pagesVersion, leavesVersion, totals }: StoreHead): Uint8Array {
  const view = new DataView(new ArrayBuffer(FIELDS * 8))
  const { accounts, slots, codes, bytes } = totals
  const fields = [pagesVersion, leavesVersion, accounts, slots, codes, bytes]
  fields.forEach((field, index) => {
    view.setFloat64(index * 8, field, true)
  })
  return new Uint8Array(view.buffer)
}

/**
 * @param record `undefined` where there is none yet: the store is empty
 * @throws {StoreCorruptError}
 */
export function decodeHead(record: Uint8Array | undefined): StoreHead {
  if (!record) return { pagesVersion: 0, leavesVersion: 0, totals: NO_TOTALS }
  if (record.length !== FIELDS * 8) {
    throw new StoreCorruptError(`the head record has ${record.length} bytes`)
  }
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  const [pagesVersion, leavesVersion, accounts, slots, codes, bytes] = Array.from(
    { length: FIELDS },
    (_, index) => {
      const field = view.getFloat64(index * 8, true)
      if (!Number.isSafeInteger(field) || field < 0) {
        throw new StoreCorruptError(`the head record counts ${field}`)
      }
      return field
    },
  ) as [number, number, number, number, number, number]
  return { pagesVersion, leavesVersion, totals: { accounts, slots, codes, bytes } }
}
