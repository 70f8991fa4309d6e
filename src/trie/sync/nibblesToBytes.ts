import type { NibblePath } from '../nibbles.ts'

/** The key of a path with an even number of nibbles: `[10, 7]` becomes `0xa7`. */
export function nibblesToBytes(path: NibblePath): Uint8Array {
  return Uint8Array.from(
    { length: path.length >> 1 },
    (_, index) => (path[2 * index]! << 4) | path[2 * index + 1]!,
  )
}
