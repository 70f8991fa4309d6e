import { TrieNodeError } from './errors.ts'
import type { NibblePath } from './nibbles.ts'

const ODD = 0x10
const LEAF = 0x20

/**
 * Hex-prefix encoding of a nibble path (Yellow Paper, appendix C): two nibbles per byte after a
 * flag nibble that says whether the path ends in a leaf and whether its length is odd. The paths in
 * leaf and extension nodes, and in snap's `GetTrieNodes` (there without the leaf flag), are written
 * so.
 *
 * @example encodeCompactPath(Uint8Array.of(9), false) // 0x19
 */
export function encodeCompactPath(path: NibblePath, isLeaf: boolean): Uint8Array {
  const odd = path.length % 2
  const encoded = new Uint8Array((path.length >> 1) + 1)
  encoded[0] = (isLeaf ? LEAF : 0) | (odd === 1 ? ODD | path[0]! : 0)
  for (let index = odd, at = 1; index < path.length; index += 2, at++) {
    encoded[at] = (path[index]! << 4) | path[index + 1]!
  }
  return encoded
}

/**
 * Reads a hex-prefix encoded path.
 *
 * @throws {TrieNodeError} when there is no flag byte, an unknown flag is set, or the padding nibble
 * is not zero: every path has exactly one encoding
 */
export function decodeCompactPath(encoded: Uint8Array): { path: NibblePath; isLeaf: boolean } {
  const flags = encoded[0]
  if (flags === undefined) throw new TrieNodeError('compact path is empty', encoded)
  const odd = flags & ODD ? 1 : 0
  if (flags >= 0x40) throw new TrieNodeError('compact path has unknown flags', encoded)
  if (odd === 0 && (flags & 15) !== 0) {
    throw new TrieNodeError('compact path has a padding that is not zero', encoded)
  }
  const path = new Uint8Array((encoded.length - 1) * 2 + odd)
  if (odd === 1) path[0] = flags & 15
  for (let at = 1, index = odd; at < encoded.length; at++, index += 2) {
    path[index] = encoded[at]! >> 4
    path[index + 1] = encoded[at]! & 15
  }
  return { path, isLeaf: (flags & LEAF) !== 0 }
}
