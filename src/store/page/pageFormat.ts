/**
 * One page: the sorted leaves of one key prefix as one run of bytes, so that the database holds one record for about
 * five hundred leaves. Numbers are little-endian.
 *
 * ```
 * 0   version    u8    1
 * 1   key size   u8    32 or 64
 * 2   shared     u8    leading bytes that all keys have in common
 * 3   end size   u8    bytes of one value end: 2, or 4 where the values hold 64 KiB or more
 * 4   count      u32   leaves, at least one
 * 8   the shared bytes, once
 *     count × (key size − shared)   the rest of every key
 *     count × end size              where each value ends, counted from where the values begin
 *     the values
 * ```
 *
 * Keys and ends lie in arrays of their own, so that one leaf is found by binary search without decoding the others.
 */
export const PAGE_FORMAT = { version: 1, headerSize: 8, longValues: 0x10000 } as const
