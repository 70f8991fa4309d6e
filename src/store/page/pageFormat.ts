import { checksum } from '../../base/bytes/checksum.ts'

/**
 * One page: the sorted leaves of one key prefix as one run of bytes, so the database holds one
 * record for about five hundred leaves. Numbers are little-endian.
 *
 * ```
 * 0   version    u8    2
 * 1   key size   u8    32 or 64
 * 2   shared     u8    leading bytes that all keys have in common
 * 3   end size   u8    bytes of one value end: 2, or 4 if the values hold 64 KiB or more
 * 4   count      u32   leaves, at least one
 * 8   checksum   8     of the record's key, of bytes 0 to 7, and of all that follows
 * 16  the shared bytes, once
 *     count × (key size − shared)   the rest of every key
 *     count × end size              where each value ends, counted from where the values begin
 *     the values
 * ```
 *
 * Keys and ends lie in arrays of their own, so one leaf is found by binary search without decoding
 * the others.
 */
export const PAGE_FORMAT = { version: 2, headerSize: 16, longValues: 0x10000 } as const

/**
 * Pages of version 1 have no checksum; they are read as they are, and written anew when they
 * change.
 */
export const UNCHECKED = { version: 1, headerSize: 8 } as const

/**
 * The checksum of a page under the key of its record: a page under another key is as wrong as a
 * damaged one.
 */
export function pageChecksum(page: Uint8Array, key: Uint8Array): Uint8Array {
  return checksum(key, page.subarray(0, 8), page.subarray(PAGE_FORMAT.headerSize))
}
