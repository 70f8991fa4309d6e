import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { decodeRecord, encodeRecord } from './journalRecord.ts'

/**
 * What the names of all marks begin with: journal records that say which accounts are incomplete.
 */
export const MARK_PREFIX = 'heal/'

/** The name of an account's mark. `hash`: in hexadecimal without prefix. */
export function markName(hash: string): string {
  return MARK_PREFIX + hash
}

/**
 * The account hash that the name of a mark tells, in hexadecimal; `undefined` where it is no hash.
 */
export function hashInName(name: string): string | undefined {
  return /^heal\/([0-9a-f]{64})$/.exec(name)?.[1]
}

/**
 * An account's mark: its hash once more, so that damage to the name can be noticed, and be
 * repaired.
 */
export function markRecord(hash: string): Uint8Array {
  return encodeRecord(hexToBytes(hash))
}

/**
 * The account hash that a mark tells, in hexadecimal.
 * @throws {Error} when it is damaged
 */
export function hashInRecord(record: Uint8Array): string {
  return decodeRecord(record, (fields) => bytesToHex(fields.string('account hash', 32)))
}
