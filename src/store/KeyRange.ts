import { concatBytes } from '@noble/hashes/utils.js'
import { FIRST_HASH, LAST_HASH } from '../base/bytes/hash32.ts'

/** A stretch of keys, both ends included, of the size of the table's keys. */
export interface KeyRange {
  readonly first: Uint8Array
  readonly last: Uint8Array
}

/**
 * The slots of an account from one to another, as keys of the table of slots: account hash ‖ slot
 * hash.
 *
 * @param account its hash, 32 bytes
 * @param first slot hash, 32 bytes. @default 00…00
 * @param last slot hash, 32 bytes. @default ff…ff
 */
export function slotRange(account: Uint8Array, first = FIRST_HASH, last = LAST_HASH): KeyRange {
  return { first: concatBytes(account, first), last: concatBytes(account, last) }
}

/** All slots of the accounts from one hash to another, both included. */
export function slotsOfAccounts(first: Uint8Array, last: Uint8Array): KeyRange {
  return { first: concatBytes(first, FIRST_HASH), last: concatBytes(last, LAST_HASH) }
}
