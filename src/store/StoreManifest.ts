import { StoreCorruptError } from './errors.ts'
import type { Completion } from './StateStore.ts'
import type { StoreTotals } from './StateView.ts'

/** The one record that says what the others are: whoever does not know reads it first, and every commit writes it. */
export interface StoreManifest {
  /** Of the newest pages of the completed state, if there is one. What is committed goes into the one after it. */
  generation: number
  completion: Completion | undefined
  /**
   * Drawn anew (53 random bits) with every change of the pages that a view shows: who knows those of another version
   * must load them again. Not a counter, because `clear` has to get along with a head that cannot be read.
   */
  pagesVersion: number
  /** Drawn anew with every change of working leaves, in the same way: what was made of them elsewhere holds no more. */
  leavesVersion: number
  totals: { completed: StoreTotals; working: StoreTotals }
}

const NO_TOTALS: StoreTotals = { accounts: 0, slots: 0, codes: 0, bytes: 0 }

const EMPTY_HEAD: StoreManifest = {
  generation: 0,
  completion: undefined,
  pagesVersion: 0,
  leavesVersion: 0,
  totals: { completed: NO_TOTALS, working: NO_TOTALS },
}

/** A page's key has four bytes for its generation: half of them are left for completions to come. */
const HIGHEST_FIRST = 2 ** 31

const NUMBERS = 12
const ROOT_AT = NUMBERS * 8

/** Drawn at random: 53 bits, and not 0, which stands for none. */
export function newVersion(): number {
  return 1 + Math.floor(Math.random() * (Number.MAX_SAFE_INTEGER - 1))
}

/**
 * The head of a store that was emptied. Its generations begin anywhere, so that no page gets the key of one that was there before: who
 * was told of that a moment ago must not take it for the same.
 */
export function clearedManifest(): StoreManifest {
  const generation = Math.floor(Math.random() * HIGHEST_FIRST)
  return { ...EMPTY_HEAD, generation, pagesVersion: newVersion(), leavesVersion: newVersion() }
}

/** Twelve 64-bit floats, little-endian, exact for whole numbers up to 2^53; then the root of a completed state. */
export function encodeManifest(head: StoreManifest): Uint8Array {
  const { generation, completion, pagesVersion, leavesVersion, totals } = head
  const record = new Uint8Array(ROOT_AT + (completion ? 32 : 0))
  const view = new DataView(record.buffer)
  const numbers = [
    ...[generation, completion?.completionId ?? 0, pagesVersion, leavesVersion],
    ...[totals.completed, totals.working].flatMap((it) => [
      it.accounts,
      it.slots,
      it.codes,
      it.bytes,
    ]),
  ]
  numbers.forEach((number, index) => {
    view.setFloat64(index * 8, number, true)
  })
  if (completion) record.set(completion.root, ROOT_AT)
  return record
}

/**
 * @param record `undefined` where there is none yet: the store is empty
 * @throws {StoreCorruptError}
 */
export function decodeManifest(record: Uint8Array | undefined): StoreManifest {
  if (!record) return EMPTY_HEAD
  if (record.length !== ROOT_AT && record.length !== ROOT_AT + 32) {
    throw new StoreCorruptError(`the head record has ${record.length} bytes`)
  }
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  let at = 0
  const next = () => {
    const number = view.getFloat64(at, true)
    at += 8
    if (Number.isSafeInteger(number) && number >= 0) return number
    throw new StoreCorruptError(`the head record counts ${number}`)
  }
  const nextTotals = () => ({ accounts: next(), slots: next(), codes: next(), bytes: next() })
  const generation = next()
  const completionId = next()
  const root = record.slice(ROOT_AT)
  if (completionId > 0 !== root.length > 0) {
    throw new StoreCorruptError(
      `the head record has a root of ${root.length} bytes for completionId ${completionId}`,
    )
  }
  return {
    generation,
    completion: completionId > 0 ? { root, completionId } : undefined,
    pagesVersion: next(),
    leavesVersion: next(),
    totals: { completed: nextTotals(), working: nextTotals() },
  }
}
