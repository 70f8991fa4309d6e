import { isList, itemEnd, payload, readItem } from './rlp'
import { HASH_REF } from './stub'

/** What `decodeNode` found. */
export const enum Kind {
  Bad,
  Branch,
  Extension,
  Leaf,
}

// The items of the node decoded last, each as it is encoded:
//
//    0      4        8                           136
//    ┌──────┬────────┬──────┬────────┬─ … ───────┐
//    │ at 0 │ size 0 │ at 1 │ size 1 │  … 17 × 8  │
//    └──────┴────────┴──────┴────────┴─ … ───────┘
const ITEMS = memory.data(17 * 8, 8)

/** Nibbles of the path of the extension or leaf decoded last. */
export let pathSize: u32 = 0
/**
 * The path of the extension or leaf decoded last: its nibbles start at position `pathStart` of
 * this.
 */
export let path: usize = 0
export let pathStart: u32 = 0

/**
 * Where item `index` of the node decoded last lies: a child of a branch; of an extension, 1 is its
 * child.
 */
// @ts-ignore: decorator
@inline
export function itemAt(index: u32): usize {
  return load<usize>(ITEMS + (index << 3))
}

/** Bytes of item `index` of the node decoded last. */
// @ts-ignore: decorator
@inline
export function itemSize(index: u32): usize {
  return load<usize>(ITEMS + (index << 3), 4)
}

/** Whether item `index` of a branch is empty. */
// @ts-ignore: decorator
@inline
export function isEmpty(index: u32): bool {
  return load<u8>(itemAt(index)) == 0x80
}

/**
 * Whether the item refers to a node: by hash, or a node shorter than 32 bytes that lies here
 * itself.
 */
function isReference(index: u32): bool {
  const first = load<u8>(itemAt(index))
  return itemSize(index) == HASH_REF ? first == 0xa0 : itemSize(index) < 32 && first >= 0xc0
}

/**
 * Decodes the trie node in the `size` bytes at `at`: a branch without a value, an extension with a
 * path, or a leaf with a value. Anything else, and anything that is not in canonical form, is bad.
 */
export function decodeNode(at: usize, size: usize): Kind {
  const end = at + size
  if (!readItem(at, end) || !isList || itemEnd != end) return Kind.Bad
  let count: u32 = 0
  let next = payload
  while (next < end) {
    if (count == 17 || !readItem(next, end)) return Kind.Bad
    store<usize>(ITEMS + (count << 3), next)
    store<usize>(ITEMS + (count << 3), itemEnd - next, 4)
    next = itemEnd
    count++
  }
  return count == 17 ? decodeBranch() : count == 2 ? decodeShort() : Kind.Bad
}

function decodeBranch(): Kind {
  for (let index: u32 = 0; index < 16; index++) {
    if (!isEmpty(index) && !isReference(index)) return Kind.Bad
  }
  // A value in a branch needs a key that is the beginning of another: keys here all have one size.
  return isEmpty(16) ? Kind.Branch : Kind.Bad
}

function decodeShort(): Kind {
  readItem(itemAt(0), itemAt(0) + itemSize(0))
  const bytes = <u32>(itemEnd - payload)
  if (isList || bytes == 0) return Kind.Bad
  const flag = <u32>load<u8>(payload)
  if (flag > 0x3f || ((flag & 0x10) == 0 && (flag & 15) != 0)) return Kind.Bad
  const isOdd = (flag >> 4) & 1
  path = payload
  pathStart = 2 - isOdd
  pathSize = (bytes << 1) - pathStart
  if ((flag & 0x20) == 0) return pathSize > 0 && isReference(1) ? Kind.Extension : Kind.Bad
  readItem(itemAt(1), itemAt(1) + itemSize(1))
  return isList || itemEnd == payload ? Kind.Bad : Kind.Leaf
}
