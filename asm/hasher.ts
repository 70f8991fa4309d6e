import { hashBlocks } from './keccak'
import { hashTwo } from './keccak.simd'
import { RATE } from './layout'
import { blocksOf, pad } from './sponge'

// The seam between the two builds. With SIMD, an input waits until another of as many blocks comes
// along, and both are hashed together; without, it is hashed at once.

/**
 * Inputs of this many blocks and more (8.7 kB) do not wait; a trie node has 4 blocks at most,
 * unless its value is long.
 */
const MAX_BLOCKS: u32 = 64
// Per number of blocks:
//
//    0       4        8      12     16
//    ┌───────┬────────┬──────┬──────┐
//    │ input │ digest │ desk │      │
//    └───────┴────────┴──────┴──────┘
//
// input: which waits, 0 for none. digest: where its own goes. desk: the one it lies on, or else a
// free one; up to DESK_BLOCKS.
const WAITING = memory.data(MAX_BLOCKS << 4, 16)
const DIGEST: usize = 4
const DESK: usize = 8

/** Blocks of the longest branch; a leaf with more has a long value, and is encoded elsewhere. */
const DESK_BLOCKS: u32 = 4
/** Bytes of a desk: its blocks, a header that turned out shorter, and what loops write too far. */
const DESK_SIZE: i32 = 4 * 136 + 64
const DESKS = memory.data(5 * DESK_SIZE, 16)
/**
 * Where the next node is encoded. One that has to wait keeps its desk, and the next is encoded on
 * the one that was free. So all nodes are encoded and hashed in 3 kB, which stay in the processor's
 * first cache; in the arena they took most of its memory.
 */
export let desk: usize = DESKS
/** Bytes that a node may have to fit onto a desk. */
export const MAX_ON_DESK: usize = 4 * RATE - 1

/** The second digest of an input that found no partner. */
const NOWHERE = memory.data(32, 16)

/**
 * Keccak-256 of the `size` bytes at `input` to the 32 bytes at `digest`, by the next `flush()` at
 * the latest. The input needs `roomFor(size)` bytes and stays where it is until then.
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
  const waiting = WAITING + (blocks << 4)
  const partner = load<usize>(waiting)
  if (partner == 0) {
    store<usize>(waiting, input)
    store<usize>(waiting, digest, DIGEST)
    if (blocks <= DESK_BLOCKS) {
      const free = load<usize>(waiting, DESK)
      store<usize>(waiting, desk, DESK)
      desk = free
    }
    return
  }
  store<usize>(waiting, 0)
  hashTwo(partner, input, blocks, load<usize>(waiting, DIGEST), digest)
}

/** Drops what still waits, and frees all desks. */
export function forget(): void {
  if (!ASC_FEATURE_SIMD) return
  memory.fill(WAITING, 0, MAX_BLOCKS << 4)
  desk = DESKS
  for (let blocks: u32 = 1; blocks <= DESK_BLOCKS; blocks++) {
    store<usize>(WAITING + (blocks << 4), DESKS + blocks * DESK_SIZE, DESK)
  }
}

/** Hashes what still waits. */
export function flush(): void {
  if (!ASC_FEATURE_SIMD) return
  for (let blocks: u32 = 1; blocks < MAX_BLOCKS; blocks++) {
    const waiting = WAITING + (blocks << 4)
    const input = load<usize>(waiting)
    if (input == 0) continue
    store<usize>(waiting, 0)
    hashTwo(input, input, blocks, load<usize>(waiting, DIGEST), NOWHERE)
  }
}
