import { fill16 } from './arena'
import { PADDING_OVERRUN, RATE } from './layout'

// What the scalar and the two-way Keccak-256 share. Lanes are numbered x + 5 y.

/** The round constants, 8 bytes each. */
export const ROUND_CONSTANTS = memory.data<u64>([
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
  0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
  0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
  0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
])
export const ROUND_CONSTANTS_END: usize = ROUND_CONSTANTS + 24 * 8

/** Permutations that an input of `size` bytes takes. */
// @ts-ignore: decorator
@inline
export function blocksOf(size: usize): usize {
  return size / RATE + 1
}

/** Bytes that an input of `size` bytes needs in memory, so that it can be padded where it lies. */
// @ts-ignore: decorator
@inline
export function roomFor(size: usize): usize {
  return blocksOf(size) * RATE + PADDING_OVERRUN
}

/** Pads an input where it lies, by the rule of the original Keccak: 0x01, zeros, 0x80. */
// @ts-ignore: decorator
@inline
export function pad(input: usize, size: usize): void {
  const end = input + blocksOf(size) * RATE
  for (let at = input + size; at < end; at += 16) fill16(at, 0)
  store<u8>(input + size, 1)
  store<u8>(end - 1, load<u8>(end - 1) | 0x80)
}
