import { alloc, copy, fill16 } from './arena'
import { desk, hash, MAX_ON_DESK } from './hasher'
import { keyAt, keySize, valueAt, valueSize } from './leaves'
import { nibbleAt } from './path'
import { headerSize, stringSize, writeHeader } from './rlp'
import { roomFor } from './sponge'
import { copyRef, HASH_REF, REF_DATA, setRef } from './stub'

// Encodes the nodes of the trie that is being built, from records of this layout.
//
// The depth of the parent decides the form of a node: a leaf holds what is left of its key, and a
// branch more than one nibble below its parent gets an extension above it.
//
//    0      4   5        7            40   48      52       56       60      64      68       72     76
//    ┌──────┬───┬────────┬────────────┬────┬───────┬────────┬────────┬───────┬───────┬────────┬──────┐
//    │ next │ n │ nibble │ reference, │ │ depth │ depth │ height │ first │ tail │ next │ a key│
//    │ child│ │ │ n bytes │ │ │ above │ │ child │ │ in row │ below│
//    └──────┴───┴────────┴────────────┴────┴───────┴────────┴────────┴───────┴───────┴────────┴──────┘
//    └────────── every node ───────────────┴─────────────────── branches
//    ────────────────────────────┘

/** Next child of the same branch, 0 for the last. */
export const NEXT: usize = 0
/** What the parent holds, as in a stub: size, reference. */
export const REF: usize = 4
/** Which child of its branch it is. */
export const NIBBLE: usize = 5
/** Bytes of the record of a leaf or stub. */
export const ITEM: u32 = 48
/** Nibbles above the branch. */
export const DEPTH: usize = 48
/** Nibbles above the branch over it. */
export const PARENT_DEPTH: usize = 52
/** Branches below it on the longest way down, and itself. */
export const HEIGHT: usize = 56
/** First child; the others follow by `NEXT`, ascending. */
export const FIRST: usize = 60
/** Where the next child is to be written: `FIRST`, or `NEXT` of the last one. */
export const TAIL: usize = 64
/** Next branch of the same height. */
export const NEXT_IN_ROW: usize = 68
/** Key of any leaf below. */
export const KEY: usize = 72
/** Bytes of the record of a branch. */
export const BRANCH: u32 = 80

/** The parent depth of the root: it starts one below, at nibble 0. */
export const ABOVE_ROOT: i32 = -1

/** Bytes of the longest header. */
const MAX_HEADER: usize = 5
/** Bytes of a leaf without its value at most: three headers and a path. */
const MAX_LEAF_REST: usize = 3 * MAX_HEADER + 65
/** Eight empty items. */
const EMPTY_ITEMS: u64 = 0x8080808080808080

/**
 * Whether what is built is a part of a trie, whose topmost node is hashed only where it is long.
 */
let isPart: bool = false

export function buildPart(part: bool): void {
  isPart = part
}

/**
 * Puts a header in front of the payload from `start` to `end`, whose size is known now, and refers
 * to the node: by itself if it is short, else by its hash.
 */
function finish(record: usize, start: usize, end: usize, isRoot: bool): void {
  const node = start - headerSize(end - start)
  writeHeader(node, 0xc0, end - start)
  const size = end - node
  if (size < 32 && !isRoot) {
    setRef(record + REF, node, size)
    return
  }
  store<u8>(record, HASH_REF, REF)
  store<u8>(record, 0xa0, REF + REF_DATA)
  hash(node, size, record + REF + REF_DATA + 1)
}

/** Encodes leaf number `leaf` below a branch at `parentDepth`, and refers to it in `record`. */
// @ts-ignore: decorator
@inline
export function encodeLeaf(leaf: u32, record: usize, parentDepth: i32): void {
  const value = valueAt(leaf)
  const size = valueSize(leaf)
  const most = size + MAX_LEAF_REST
  const start = (most <= MAX_ON_DESK ? desk : alloc(roomFor(most))) + MAX_HEADER
  // What is left of the key ends with it: whole bytes behind the flag, which takes in the nibble of
  // an odd number of them.
  const from = <u32>(parentDepth + 1)
  const rest = keySize - ((from + 1) >> 1)
  const key = keyAt(leaf) + (from >> 1)
  const isOdd = from & 1
  // The flag is below 0x80, so a single byte is its own string.
  let at = rest == 0 ? start : writeHeader(start, 0x80, rest + 1)
  store<u8>(at, 0x20 | ((0x10 | (load<u8>(key) & 15)) & (0 - isOdd)))
  copy(at + 1, key + isOdd, rest)
  at += rest + 1
  if (stringSize(value, size) != 1) at = writeHeader(at, 0x80, size)
  copy(at, value, size)
  finish(record, start, at + size, parentDepth == ABOVE_ROOT)
}

/** Encodes a branch whose children all have their references. */
export function encodeBranch(branch: usize): void {
  const start = desk + MAX_HEADER
  let at = start
  // Between children lie as many empty items as there are: 16 are written, and the next child
  // overwrites what is too much.
  let nibble: usize = 0
  for (let child = load<usize>(branch, FIRST); child != 0; child = load<usize>(child, NEXT)) {
    const here = <usize>load<u8>(child, NIBBLE)
    fill16(at, EMPTY_ITEMS)
    at += here - nibble
    copyRef(at, child + REF + REF_DATA)
    at += load<u8>(child, REF)
    nibble = here + 1
  }
  // A branch has two children at least, so that 15 are left with the value, at most.
  fill16(at, EMPTY_ITEMS)
  at += 17 - nibble
  const isTop = load<i32>(branch, PARENT_DEPTH) == ABOVE_ROOT && load<u32>(branch, DEPTH) == 0
  finish(branch, start, at, isTop && !isPart)
}

/** Encodes the extension above a branch that has its reference, and replaces that by its own. */
export function encodeExtension(branch: usize): void {
  let from = <u32>(load<i32>(branch, PARENT_DEPTH) + 1)
  const to = load<u32>(branch, DEPTH)
  const key = load<usize>(branch, KEY)
  const isRoot = from == 0
  const start = desk + MAX_HEADER
  const pathSize: usize = ((to - from) >> 1) + 1
  let at = pathSize == 1 ? start : writeHeader(start, 0x80, pathSize)
  const isOdd = (to - from) & 1
  store<u8>(at++, (0x10 | nibbleAt(key, from)) & (0 - isOdd))
  for (from += isOdd; from < to; from += 2) {
    store<u8>(at++, (nibbleAt(key, from) << 4) | nibbleAt(key, from + 1))
  }
  copyRef(at, branch + REF + REF_DATA)
  finish(branch, start, at + load<u8>(branch, REF), isRoot)
}
