/** Bytes of the header of a list, or of a string that does not stand without one. */
export function headerSize(payload: number): number {
  return payload < 56 ? 1 : 1 + lengthSize(payload)
}

/**
 * Writes a header.
 *
 * @param base 0x80 for a string, 0xc0 for a list
 * @param payload bytes of what follows the header
 * @returns where the header ends
 */
export function writeHeader(
  base: 0x80 | 0xc0,
  payload: number,
  out: Uint8Array,
  position: number,
): number {
  if (payload < 56) {
    out[position] = base + payload
    return position + 1
  }
  const size = lengthSize(payload)
  out[position] = base + 55 + size
  for (let index = size, rest = payload; index > 0; index--, rest = Math.floor(rest / 256)) {
    out[position + index] = rest
  }
  return position + 1 + size
}

/**
 * Bytes of a length. Not by way of a bigint, which would take half of the time that it takes to
 * encode a trie node.
 */
function lengthSize(length: number): number {
  let size = 1
  for (let rest = length; rest > 0xff; rest = Math.floor(rest / 256)) size++
  return size
}
