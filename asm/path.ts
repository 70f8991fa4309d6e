// Nibble paths lie packed, two nibbles a byte, the high one first; positions and lengths count
// nibbles.

/** The nibble at position `at`. */
// @ts-ignore: decorator
@inline
export function nibbleAt(path: usize, at: u32): u32 {
  return (<u32>load<u8>(path + (at >> 1)) >> ((~at & 1) << 2)) & 15
}

/**
 * How many nibbles two paths have in common from their start, at most `limit`. Reads up to 7 bytes
 * too far.
 */
export function commonNibbles(a: usize, b: usize, limit: u32): u32 {
  for (let at: u32 = 0; at < limit; at += 16) {
    const difference = load<u64>(a + (at >> 1)) ^ load<u64>(b + (at >> 1))
    if (difference != 0) {
      const byte = <u32>ctz(difference) >> 3
      const isHighEqual: u32 = ((difference >> (byte << 3)) & 0xf0) == 0 ? 1 : 0
      return min(at + (byte << 1) + isHighEqual, limit)
    }
  }
  return limit
}
