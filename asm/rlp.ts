// Recursive length prefix: what an item is, and how one is written. Strict: an item has one
// encoding only.

/** First byte of the payload of the item read last. */
export let payload: usize = 0
/** End of the item read last, and start of the next one. */
export let itemEnd: usize = 0
/** Whether the item read last is a list. */
export let isList: bool = false

/**
 * Reads the header of the item at `at`. Nothing at or behind `end` is read.
 * @returns whether it is a canonical item that ends at or before `end`
 */
export function readItem(at: usize, end: usize): bool {
  if (at >= end) return false
  const first = <u32>load<u8>(at)
  isList = first >= 0xc0
  if (first < 0x80) {
    payload = at
    itemEnd = at + 1
    return true
  }
  let size: usize = first - (isList ? 0xc0 : 0x80)
  payload = at + 1
  if (size > 55) {
    const digits = size - 55
    if (digits > 4 || end - payload < digits || load<u8>(payload) == 0) return false
    size = 0
    for (let i: usize = 0; i < digits; i++) size = (size << 8) | load<u8>(payload + i)
    payload += digits
    if (size < 56) return false
  }
  if (size > end - payload) return false
  itemEnd = payload + size
  return !(size == 1 && !isList && load<u8>(payload) < 0x80)
}

/** Bytes of a header over a payload of `size` bytes. */
// @ts-ignore: decorator
@inline
export function headerSize(size: usize): usize {
  return size < 56 ? 1 : size < 0x100 ? 2 : size < 0x10000 ? 3 : size < 0x1000000 ? 4 : 5
}

/**
 * Writes a header; `base` is 0x80 for a string and 0xc0 for a list. Returns where the payload
 * starts.
 */
// @ts-ignore: decorator
@inline
export function writeHeader(to: usize, base: u32, size: usize): usize {
  if (size < 56) {
    store<u8>(to, base + <u32>size)
    return to + 1
  }
  if (size < 0x100) {
    store<u16>(to, (base + 56) | (<u32>size << 8))
    return to + 2
  }
  return writeLongHeader(to, base, size)
}

function writeLongHeader(to: usize, base: u32, size: usize): usize {
  const digits = headerSize(size) - 1
  store<u8>(to++, base + 55 + <u32>digits)
  for (let shift = (digits - 1) << 3; <isize>shift >= 0; shift -= 8) store<u8>(to++, size >> shift)
  return to
}

/** Bytes of the item that holds the string of `size` bytes at `from`. */
// @ts-ignore: decorator
@inline
export function stringSize(from: usize, size: usize): usize {
  return size == 1 && load<u8>(from) < 0x80 ? 1 : headerSize(size) + size
}
