import type { Leaves } from '../leaves/Leaves.ts'
import { SlimAccountScanner } from './SlimAccountScanner.ts'

/** Header of a full account: the two hashes alone make its list longer than 55 bytes, and it is never longer than 255. */
const HEADER_SIZE = 2
/** A hash with its header. */
const HASH_SIZE = 33

/**
 * Turns slim accounts, as they travel and are stored, into the full ones that the trie hashes. Exactly canonical slim
 * encoding is accepted, so that what is stored is one to one with what was proven.
 *
 * @param leaves values: slim account RLP
 * @returns leaves with the same keys; values: full account RLP
 * @throws {AccountEncodingError} that names the key of the first account with another encoding
 */
export function expandSlimAccounts(leaves: Leaves): Leaves {
  const scanner = new SlimAccountScanner(leaves)
  const offsets = new Uint32Array(leaves.count + 1)
  let size = 0
  for (let index = 0; index < leaves.count; index++) {
    scanner.read(index)
    size += HEADER_SIZE + scanner.rootStart - scanner.numbersStart + 2 * HASH_SIZE
    offsets[index + 1] = size
  }
  const source = leaves.values
  const values = new Uint8Array(size)
  for (let index = 0; index < leaves.count; index++) {
    scanner.read(index)
    const { numbersStart, rootStart, codeStart } = scanner
    let at = offsets[index]!
    values[at++] = 0xf8
    values[at++] = offsets[index + 1]! - at
    for (let from = numbersStart; from < rootStart; ) values[at++] = source[from++]!
    at = copyHash(source, rootStart, scanner.emptyRoot, values, at)
    copyHash(source, codeStart, scanner.emptyCodeHash, values, at)
  }
  return { count: leaves.count, keySize: leaves.keySize, keys: leaves.keys, values, offsets }
}

/** Copies the hash at `start`, or the one that stands for nothing; returns where the next field begins. */
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
