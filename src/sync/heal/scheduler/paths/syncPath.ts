import { encodeCompactPath } from '../../../../trie/compactPath.ts'
import type { NibblePath } from '../../../../trie/nibbles.ts'
import { nibblesToBytes } from '../operations/nibblesToBytes.ts'

/**
 * Nibbles of an account hash: a path that is as long or longer leads into the account's storage
 * trie.
 */
export const ACCOUNT_NIBBLES = 64

/**
 * A node's place on the wire: `[compact path]`, or `[account hash, compact path in the storage
 * trie]`.
 */
export type SyncPath = readonly [Uint8Array] | readonly [Uint8Array, Uint8Array]

/**
 * The place of a node as `GetTrieNodes` of snap/1 names it.
 *
 * @example
 * syncPath(Uint8Array.of(9))              // [0x19]
 * syncPath(bytesToNibbles(accountHash))   // [accountHash, 0x00]: the root of its storage
 */
export function syncPath(path: NibblePath): SyncPath {
  if (path.length < ACCOUNT_NIBBLES) return [encodeCompactPath(path, false)]
  return [
    nibblesToBytes(path.subarray(0, ACCOUNT_NIBBLES)),
    encodeCompactPath(path.subarray(ACCOUNT_NIBBLES), false),
  ]
}
