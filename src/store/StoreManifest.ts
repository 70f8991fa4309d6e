import { CHECKSUM_SIZE, checksum } from '../base/bytes/checksum.ts'
import { compareBytes } from '../base/bytes/compareBytes.ts'
import { StoreCorruptError } from './errors.ts'
import type { Completion } from './StateStore.ts'
import type { StoreTotals } from './StateView.ts'

/**
 * The one record that says what the others are. A store reads it first, and every commit writes it.
 */
export interface StoreManifest {
  /**
   * Of the newest pages of the completed state, if there is one. What is committed goes into the
   * one after it.
   */
  generation: number
  completion: Completion | undefined
  /**
   * Drawn anew (53 random bits) with every change of the pages that a view shows: who knows those
   * of another version must load them again. Not a counter, because `clear` has to get along with a
   * head that cannot be read.
   */
  pagesVersion: number
  /**
   * Drawn anew with every change of working leaves, in the same way: what was made of them
   * elsewhere holds no more.
   */
  leavesVersion: number
  totals: { completed: StoreTotals; working: StoreTotals }
  /**
   * Which pages each view has, see `PageDirectory.sum`; `undefined` in a manifest of an earlier
   * form.
   */
  sums: { completed: PageSums; working: PageSums } | undefined
}

/** `PageDirectory.sum` of both leaf tables. */
export interface PageSums {
  accounts: number
  slots: number
}

const NO_TOTALS: StoreTotals = { accounts: 0, slots: 0, codes: 0, bytes: 0 }

const EMPTY_MANIFEST: StoreManifest = {
  generation: 0,
  completion: undefined,
  pagesVersion: 0,
  leavesVersion: 0,
  totals: { completed: NO_TOTALS, working: NO_TOTALS },
  sums: { completed: { accounts: 0, slots: 0 }, working: { accounts: 0, slots: 0 } },
}

/**
 * A page's key has four bytes for its generation: half of them are left for completions to come.
 */
const HIGHEST_FIRST = 2 ** 31

/** A number that no record of the earlier form begins with: those have a generation there. */
const FORM = Number.NaN
const NUMBERS = 17
/** Of the earlier form: without sums and checksum. */
const OLD_NUMBERS = 12
const ROOT_SIZE = 32

/** Drawn at random: 53 bits, and not 0, which stands for none. */
export function newVersion(): number {
  return 1 + Math.floor(Math.random() * (Number.MAX_SAFE_INTEGER - 1))
}

/**
 * The head of a store that was emptied. Its generations begin anywhere, so that no page gets the
 * key of one that was there before: who was told of that a moment ago must not take it for the
 * same.
 */
export function clearedManifest(): StoreManifest {
  const generation = Math.floor(Math.random() * HIGHEST_FIRST)
  return { ...EMPTY_MANIFEST, generation, pagesVersion: newVersion(), leavesVersion: newVersion() }
}

/**
 * Seventeen 64-bit floats, little-endian, exact for whole numbers up to 2^53; then the root of a
 * completed state; then a checksum. The first float is NaN. The earlier form has twelve without it,
 * and no checksum.
 */
export function encodeManifest(manifest: StoreManifest): Uint8Array {
  const { generation, completion, pagesVersion, leavesVersion, totals, sums } = manifest
  const size = NUMBERS * 8 + (completion ? ROOT_SIZE : 0)
  const record = new Uint8Array(size + CHECKSUM_SIZE)
  const view = new DataView(record.buffer)
  const { completed, working } = sums ?? EMPTY_MANIFEST.sums!
  const numbers = [
    ...[FORM, generation, completion?.completionId ?? 0, pagesVersion, leavesVersion],
    ...[totals.completed, totals.working].flatMap((it) => [
      it.accounts,
      it.slots,
      it.codes,
      it.bytes,
    ]),
    ...[completed.accounts, completed.slots, working.accounts, working.slots],
  ]
  numbers.forEach((number, index) => {
    view.setFloat64(index * 8, number, true)
  })
  if (completion) record.set(completion.root, NUMBERS * 8)
  record.set(checksum(record.subarray(0, size)), size)
  return record
}

/**
 * @param record `undefined` if there is none yet: the store is empty
 * @throws {StoreCorruptError}
 */
export function decodeManifest(record: Uint8Array | undefined): StoreManifest {
  if (!record) return EMPTY_MANIFEST
  if (record.length < OLD_NUMBERS * 8) {
    throw new StoreCorruptError(`the manifest has ${record.length} bytes`)
  }
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  const isOld = !Number.isNaN(view.getFloat64(0, true))
  const size = isOld ? record.length : record.length - CHECKSUM_SIZE
  const rootAt = (isOld ? OLD_NUMBERS : NUMBERS) * 8
  if (size !== rootAt && size !== rootAt + ROOT_SIZE) {
    throw new StoreCorruptError(`the manifest has ${record.length} bytes`)
  }
  if (!isOld && compareBytes(checksum(record.subarray(0, size)), record.subarray(size)) !== 0) {
    throw new StoreCorruptError('the manifest has another checksum than its bytes')
  }
  let at = isOld ? 0 : 8
  const next = () => {
    const number = view.getFloat64(at, true)
    at += 8
    if (Number.isSafeInteger(number) && number >= 0) return number
    throw new StoreCorruptError(`the manifest counts ${number}`)
  }
  const nextTotals = () => ({ accounts: next(), slots: next(), codes: next(), bytes: next() })
  const nextSums = () => ({ accounts: next(), slots: next() })
  const generation = next()
  const completionId = next()
  const root = record.slice(rootAt, size)
  if (completionId > 0 !== root.length > 0) {
    throw new StoreCorruptError(
      `the manifest has a root of ${root.length} bytes for completion ${completionId}`,
    )
  }
  return {
    generation,
    completion: completionId > 0 ? { root, completionId } : undefined,
    pagesVersion: next(),
    leavesVersion: next(),
    totals: { completed: nextTotals(), working: nextTotals() },
    sums: isOld ? undefined : { completed: nextSums(), working: nextSums() },
  }
}
