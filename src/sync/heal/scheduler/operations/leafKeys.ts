import type { NibblePath } from '../../../../trie/nibbles.ts'
import { ACCOUNT_NIBBLES } from '../paths/syncPath.ts'
import { nibblesToBytes } from './nibblesToBytes.ts'

/**
 * `[account hash]` or `[account hash, slot hash]` of a leaf's whole path; nothing of one that has
 * another length.
 */
export function leafKeys(path: NibblePath): Uint8Array[] {
  if (path.length !== ACCOUNT_NIBBLES && path.length !== 2 * ACCOUNT_NIBBLES) return []
  const keys = [nibblesToBytes(path.subarray(0, ACCOUNT_NIBBLES))]
  if (path.length > ACCOUNT_NIBBLES) keys.push(nibblesToBytes(path.subarray(ACCOUNT_NIBBLES)))
  return keys
}
