import { sharedBits } from './sharedBits.ts'

/** The leading bits of keys: all keys that begin with them are one stretch of the key space. */
export interface BitPrefix {
  /** Hold the bits; those of the last byte that are beyond them are 0. */
  readonly bytes: Uint8Array
  readonly bits: number
}

/**
 * Whether there are keys that begin with both: whether one of the two prefixes begins the other.
 */
export function prefixesOverlap(a: BitPrefix, b: BitPrefix): boolean {
  return sharedBits(a.bytes, b.bytes) >= Math.min(a.bits, b.bits)
}
