// Memory above the static buffers is one arena: it grows by a pointer and is dropped as a whole before the next
// call. Nothing in it outlives a call, so there is nothing to free and nothing to fragment.

/** Read and write loops go in steps of eight bytes and may run this far past the end of what they were given. */
const OVERRUN: usize = 16

let top: usize = __heap_base

/** Drops everything that was allocated. */
export function dropAll(): void {
  top = __heap_base
}

/**
 * Room for `size` bytes, aligned to 16, with 16 more behind it that may be read and overwritten. Not zeroed.
 * Grows the memory where needed, so views from before the call may be detached; traps when there is none left.
 */
export function alloc(size: usize): usize {
  const start = (top + 15) & ~15
  const end = start + size + OVERRUN
  if (end < start) unreachable()
  const missing = <i32>((end + 0xffff) >>> 16) - memory.size()
  if (missing > 0 && memory.grow(missing) < 0) unreachable()
  top = end
  return start
}

/** Copies `size` bytes in steps of eight; shorter by a call than `memory.copy`, and nodes are copied in small pieces. */
// @ts-ignore: decorator
@inline
export function copy(to: usize, from: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 8) store<u64>(to + at, load<u64>(from + at))
}
