/**
 * A nibble path: one nibble (0 to 15) per byte, the way from the root of a trie to a node or a
 * leaf.
 */
export type NibblePath = Uint8Array

/** The nibbles of a key, high one first: `0xa7` becomes `[10, 7]`. */
export function bytesToNibbles(bytes: Uint8Array): NibblePath {
  const path = new Uint8Array(bytes.length * 2)
  for (let index = 0; index < bytes.length; index++) {
    path[2 * index] = bytes[index]! >> 4
    path[2 * index + 1] = bytes[index]! & 15
  }
  return path
}

/** How many nibbles two paths have in common, from the root on. */
export function commonPrefixLength(a: NibblePath, b: NibblePath): number {
  const limit = Math.min(a.length, b.length)
  let length = 0
  while (length < limit && a[length] === b[length]) length++
  return length
}
