import { copy32 } from './arena'

// A stub stands for a whole subtrie that is known by its reference alone.
//
//    0        64       68  69     71                   104       112
//    ┌────────┬────────┬───┬──────┬──────────────────────┬─────────┐
//    │ path   │ depth  │ n │      │ reference, n bytes   │         │
//    └────────┴────────┴───┴──────┴──────────────────────┴─────────┘
//
// path: packed nibbles; the first `depth` (u32) count. reference: what the parent holds, in RLP:
// 0xa0 and a hash (n = 33), or the node itself where it is shorter than 32 bytes. The hash lies at
// 72, aligned; the end fills it up to the next one.

/** Bytes of a stub. */
export const STUB: u32 = 112
/** Nibbles in the path of a stub. */
export const STUB_DEPTH: usize = 64
/**
 * Where the size of the reference stands, and the reference behind it; node records hold the same
 * at `REF`.
 */
export const STUB_REF: usize = 68

/** From the size of a reference to its first byte. */
export const REF_DATA: usize = 3
/** Bytes of a reference by hash. */
export const HASH_REF: usize = 33

/** Sets a reference: its size, then its bytes. */
export function setRef(to: usize, data: usize, size: usize): void {
  store<u8>(to, size)
  copyRef(to + REF_DATA, data)
}

/**
 * Copies a reference as if it were the longest: 33 bytes, and not a loop that ends as one cannot
 * foresee.
 */
// @ts-ignore: decorator
@inline
export function copyRef(to: usize, from: usize): void {
  copy32(to, from)
  store<u8>(to, load<u8>(from, 32), 32)
}

/**
 * Writes the stub of the node under `reference`, whose path is the first `depth` nibbles of `key`,
 * the last of them replaced by `nibble` (depth > 0).
 */
export function writeStub(
  to: usize,
  key: usize,
  keySize: u32,
  depth: u32,
  nibble: u32,
  data: usize,
  size: usize,
): void {
  memory.copy(to, key, keySize)
  if (depth != 0) {
    const byte = to + ((depth - 1) >> 1)
    const old = <u32>load<u8>(byte)
    store<u8>(byte, depth & 1 ? (nibble << 4) | (old & 15) : (old & 0xf0) | nibble)
  }
  store<u32>(to, depth, STUB_DEPTH)
  setRef(to + STUB_REF, data, size)
}
