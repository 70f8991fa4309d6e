// Memory above the static buffers is one arena: it grows by a pointer and is dropped as a whole
// before the next call. Nothing in it outlives a call, so there is nothing to free and nothing to
// fragment.

/**
 * Read and write loops go in steps of up to 32 bytes and may run this far past the end of what they
 * were given.
 */
const OVERRUN: usize = 32

let top: usize = __heap_base

/** Drops everything that was allocated. */
export function dropAll(): void {
  top = __heap_base
}

/**
 * Room for `size` bytes, aligned to 16, with 32 more behind it that may be read and overwritten.
 * Not zeroed. Grows the memory where needed, so views from before the call may be detached; traps
 * when there is none left.
 */
export function alloc(size: usize): usize {
  const start = (top + 15) & ~15
  const end = start + size + OVERRUN
  if (end < start) unreachable()
  const missing = <i32>((end - 1) >>> 16) + 1 - memory.size()
  if (missing > 0 && memory.grow(missing) < 0) unreachable()
  top = end
  return start
}

/**
 * Copies `size` bytes in steps of 32; shorter by a call than `memory.copy`, and nodes are copied in
 * small pieces. Steps are as long as accounts and paths need for a number of them that is always
 * the same: one that is not costs more than the copying.
 */
// @ts-ignore: decorator
@inline
export function copy(to: usize, from: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 32) copy32(to + at, from + at)
}

/**
 * Copies 32 bytes: a hash, or any number of bytes up to that where more may be read and
 * overwritten.
 */
// @ts-ignore: decorator
@inline
export function copy32(to: usize, from: usize): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
  } else {
    store<u64>(to, load<u64>(from))
    store<u64>(to, load<u64>(from, 8), 8)
    store<u64>(to, load<u64>(from, 16), 16)
    store<u64>(to, load<u64>(from, 24), 24)
  }
}

/** Copies a hash by a call, where there are few: without SIMD, that is a fifth of the code. */
export function copyHash(to: usize, from: usize): void {
  copy32(to, from)
}

/** Writes the same eight bytes twice. */
// @ts-ignore: decorator
@inline
export function fill16(to: usize, bytes: u64): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(to, i64x2.splat(bytes))
  } else {
    store<u64>(to, bytes)
    store<u64>(to, bytes, 8)
  }
}
