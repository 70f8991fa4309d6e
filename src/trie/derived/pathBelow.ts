import type { NibblePath } from '../nibbles.ts'

/** A path and one nibble more. */
export function pathBelow(path: NibblePath, nibble: number): NibblePath {
  const below = new Uint8Array(path.length + 1)
  below.set(path)
  below[path.length] = nibble
  return below
}
