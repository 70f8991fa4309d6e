import { hashBlocks } from './keccak'
import { hashTwo } from './keccak.simd'
import { blocksOf, pad } from './sponge'

// The seam between the two builds. With SIMD, an input waits until another of as many blocks comes along, and both are
// hashed together; without, it is hashed at once.

/** Inputs of this many blocks and more (8.7 kB) do not wait; a trie node has 4 blocks at most, unless its value is long. */
const MAX_BLOCKS: u32 = 64
/** Per number of blocks, the input that waits (0: none) and where its digest goes. */
const WAITING = memory.data(MAX_BLOCKS << 3, 8)
/** The second digest of an input that found no partner. */
const NOWHERE = memory.data(32, 16)

/**
 * Keccak-256 of the `size` bytes at `input` to the 32 bytes at `digest`, by the next `flush()` at the latest. The input
 * needs `roomFor(size)` bytes and stays where it is until then.
 */
export function hash(input: usize, size: usize, digest: usize): void {
  const blocks = <u32>blocksOf(size)
  pad(input, size)
  if (!ASC_FEATURE_SIMD) {
    hashBlocks(input, blocks, digest)
    return
  }
  if (blocks >= MAX_BLOCKS) {
    hashTwo(input, input, blocks, digest, NOWHERE)
    return
  }
  const waiting = WAITING + (blocks << 3)
  const partner = load<usize>(waiting)
  if (partner == 0) {
    store<usize>(waiting, input)
    store<usize>(waiting, digest, 4)
    return
  }
  store<usize>(waiting, 0)
  hashTwo(partner, input, blocks, load<usize>(waiting, 4), digest)
}

/** Drops what still waits. */
export function forget(): void {
  if (ASC_FEATURE_SIMD) memory.fill(WAITING, 0, MAX_BLOCKS << 3)
}

/** Hashes what still waits. */
export function flush(): void {
  if (!ASC_FEATURE_SIMD) return
  for (let blocks: u32 = 1; blocks < MAX_BLOCKS; blocks++) {
    const waiting = WAITING + (blocks << 3)
    const input = load<usize>(waiting)
    if (input == 0) continue
    store<usize>(waiting, 0)
    hashTwo(input, input, blocks, load<usize>(waiting, 4), NOWHERE)
  }
}
