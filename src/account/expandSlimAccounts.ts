import { concatBytes } from '@noble/hashes/utils.js'
import type { Leaves } from '../leaves/Leaves.ts'
import { SlimAccountScanner } from './SlimAccountScanner.ts'

/** A hash with its header. */
const HASH_SIZE = 33
const HASH_HEADER = /* @__PURE__ */ Uint8Array.of(0xa0)
/**
 * Two hashes in place of two empty strings, and a list header of two bytes in place of one: the
 * hashes alone make a list longer than 55 bytes, and no account is longer than 255.
 */
const MAX_GROWTH = 2 * (HASH_SIZE - 1) + 1

/**
 * Turns slim accounts, as they travel and are stored, into the full ones that the trie hashes.
 * Exactly canonical slim encoding is accepted, so that what is stored is one to one with what was
 * proven.
 *
 * @param leaves values: slim account RLP
 * @returns leaves with the same keys; values: full account RLP
 * @throws {AccountEncodingError} that names the key of the first account with another encoding
 */
export function expandSlimAccounts(leaves: Leaves): Leaves {
  const scanner = new SlimAccountScanner(leaves)
  const { emptyRoot, emptyCodeHash } = scanner
  const nothing = concatBytes(HASH_HEADER, emptyRoot, HASH_HEADER, emptyCodeHash)
  const { count, keySize, keys, values: source } = leaves
  const offsets = new Uint32Array(count + 1)
  // Each grows by two hashes and a byte at most: most do, so that to read all of them twice for the
  // size would not pay.
  const values = new Uint8Array(source.length + count * MAX_GROWTH)
  let at = 0
  for (let index = 0; index < count; index++) {
    scanner.read(index)
    const { numbersStart, rootStart, codeStart } = scanner
    values[at++] = 0xf8
    values[at++] = rootStart - numbersStart + 2 * HASH_SIZE
    for (let from = numbersStart; from < rootStart; ) values[at++] = source[from++]!
    if (!scanner.hasStorage && !scanner.hasCode) {
      values.set(nothing, at)
      at += nothing.length
    } else {
      at = copyHash(source, rootStart, emptyRoot, values, at)
      at = copyHash(source, codeStart, emptyCodeHash, values, at)
    }
    offsets[index + 1] = at
  }
  return { count, keySize, keys, values: values.subarray(0, at), offsets }
}

/**
 * Copies the hash at `start`, or the one that stands for nothing; returns where the next field
 * begins.
 */
function copyHash(
  source: Uint8Array,
  start: number,
  empty: Uint8Array,
  target: Uint8Array,
  at: number,
): number {
  const isEmpty = source[start] === 0x80
  const hash = isEmpty ? empty : source
  const from = isEmpty ? 0 : start + 1
  target[at] = 0xa0
  // A loop, as a view per hash would be an object per account.
  for (let index = 0; index < 32; index++) target[at + 1 + index] = hash[from + index]!
  return at + HASH_SIZE
}
