/** One nibble of a key that lies among others. `start`: where the key begins, in bytes. */
export function nibbleAt(keys: Uint8Array, start: number, index: number): number {
  return (keys[start + (index >> 1)]! >> (index & 1 ? 0 : 4)) & 15
}

/** How many nibbles two keys of `size` bytes have in common that begin at `a` and at `b`. */
export function commonNibbles(keys: Uint8Array, a: number, b: number, size: number): number {
  let index = 0
  while (index < size && keys[a + index] === keys[b + index]) index++
  if (index === size) return 2 * size
  return 2 * index + ((keys[a + index]! ^ keys[b + index]!) < 16 ? 1 : 0)
}
