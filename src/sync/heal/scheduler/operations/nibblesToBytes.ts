import type { NibblePath } from '../../../../trie/nibbles.ts'

/** The key of a path with an even number of nibbles: `[10, 7]` becomes `0xa7`. */
export function nibblesToBytes(path: NibblePath): Uint8Array {
  const bytes = new Uint8Array(path.length >> 1)
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = (path[2 * index]! << 4) | path[2 * index + 1]!
  }
  return bytes
}
