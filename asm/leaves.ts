import { alloc } from './arena'
import { commonNibbles, nibbleAt } from './path'
import { Status } from './status'

// The leaves of the call that is running, in the layout of `Leaves` (src/leaves/Leaves.ts).

export let keySize: u32 = 0
export let count: u32 = 0
export let keys: usize = 0
export let values: usize = 0
/**
 * `count + 1` × u32. Relative to `values` modulo 2³²: a leaf that lies before them has a "negative"
 * offset.
 */
export let offsets: usize = 0
/**
 * Per leaf, how many nibbles its key has in common with the key before: one byte each, none for the
 * first.
 */
let common: usize = 0

// @ts-ignore: decorator
@inline
export function keyAt(index: u32): usize {
  return keys + index * keySize
}

// @ts-ignore: decorator
@inline
export function valueAt(index: u32): usize {
  return values + load<u32>(offsets + (index << 2))
}

// @ts-ignore: decorator
@inline
export function valueSize(index: u32): usize {
  return load<u32>(offsets + (index << 2), 4) - load<u32>(offsets + (index << 2))
}

// @ts-ignore: decorator
@inline
export function commonWithPrevious(index: u32): u32 {
  return load<u8>(common + index)
}

/**
 * Takes the leaves of this call and checks them: keys strictly ascending, no value empty.
 * @returns Done, NotAscending or EmptyValue
 */
export function takeLeaves(size: u32, n: u32, keysAt: usize, valuesAt: usize, offsetsAt: usize): Status {
  keySize = size
  count = n
  keys = keysAt
  values = valuesAt
  offsets = offsetsAt
  common = alloc(n)
  const nibbles = size << 1
  for (let index: u32 = 0; index < n; index++) {
    const next = index + 1
    if (next < n) {
      const at = commonNibbles(keyAt(index), keyAt(next), nibbles)
      if (at == nibbles || nibbleAt(keyAt(index), at) > nibbleAt(keyAt(next), at)) return Status.NotAscending
      store<u8>(common + next, at)
    }
    if (<isize>valueSize(index) <= 0) return Status.EmptyValue
  }
  return Status.Done
}
