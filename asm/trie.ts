import { alloc } from './arena'
import {
  ABOVE_ROOT,
  BRANCH,
  buildPart,
  DEPTH,
  encodeBranch,
  encodeExtension,
  encodeLeaf,
  FIRST,
  HEIGHT,
  ITEM,
  KEY,
  NEXT,
  NEXT_IN_ROW,
  NIBBLE,
  PARENT_DEPTH,
  REF,
  TAIL,
} from './encode'
import { flush, hash } from './hasher'
import { commonWithPrevious, count, keyAt, keySize, takeLeaves } from './leaves'
import { commonNibbles, nibbleAt } from './path'
import { roomFor } from './sponge'
import { Status } from './status'
import { REF_DATA, setRef, STUB, STUB_DEPTH, STUB_REF, writeStub } from './stub'

// The trie of ordered items: left stubs, leaves, right stubs.
//
// One pass over the items finds the branches: how many nibbles two neighbours have in common is the
// depth of the branch at which they part, and the branches that are open at an item form a stack.
// Leaf nodes are encoded on the way. Then come the branches by height, lowest first, so that all
// nodes of one height are hashed as one batch.

/** Nibbles of the longest key. */
const MAX_NIBBLES: u32 = 128

/** Branches that are open, from the root down. */
const STACK = memory.data(MAX_NIBBLES << 2, 4)
let stackSize: usize = 0
/** Closed branches by their height: the first of each row. */
const ROWS = memory.data((MAX_NIBBLES + 1) << 2, 4)

let left: usize = 0
let leftCount: u32 = 0
let right: usize = 0
let rightCount: u32 = 0
/** One record per item. */
let records: usize = 0
/**
 * Set when a stub would have to hang deeper or higher than it did: then the items are not one trie.
 */
let isTorn: bool = false

/** Takes the stubs before and behind the leaves, ascending. */
export function setStubs(before: usize, beforeCount: u32, behind: usize, behindCount: u32): void {
  left = before
  leftCount = beforeCount
  right = behind
  rightCount = behindCount
}

// @ts-ignore: decorator
@inline
function isLeaf(item: u32): bool {
  return item - leftCount < count
}

// @ts-ignore: decorator
@inline
function stubAt(item: u32): usize {
  return item < leftCount ? left + item * STUB : right + (item - leftCount - count) * STUB
}

function pathAt(item: u32): usize {
  return isLeaf(item) ? keyAt(item - leftCount) : stubAt(item)
}

function depthAt(item: u32): u32 {
  return isLeaf(item) ? keySize << 1 : load<u32>(stubAt(item), STUB_DEPTH)
}

/** How many nibbles an item has in common with the one before it. */
function commonAt(item: u32): u32 {
  if (isLeaf(item) && isLeaf(item - 1)) return commonWithPrevious(item - leftCount)
  return commonNibbles(pathAt(item - 1), pathAt(item), min(depthAt(item - 1), depthAt(item)))
}

/**
 * Builds the trie and returns where its root hash lies, or 0 if the items are not those of one
 * trie.
 */
export function buildRoot(): usize {
  if (leftCount + count + rightCount == 0) return emptyRoot()
  beginTries()
  const root = addTrie()
  return endTries() ? root : 0
}

/** Begins to build tries whose nodes are hashed together. */
export function beginTries(): void {
  isTorn = false
  memory.fill(ROWS, 0, (MAX_NIBBLES + 1) << 2)
}

/**
 * Adds the trie of the leaves and stubs of this moment, at least one.
 * @returns where its root hash will lie after `endTries`
 */
export function addTrie(): usize {
  const items = leftCount + count + rightCount
  openBranches(items)
  let node = records
  if (stackSize == 0) place(0, node, ABOVE_ROOT)
  else joinItem(items - 1)
  while (stackSize != 0) {
    node = close()
    if (stackSize != 0) joinBranch(node)
  }
  return node + REF + REF_DATA + 1
}

/**
 * Hashes the nodes of all tries that were added; returns whether the items of each were those of
 * one trie.
 */
export function endTries(): bool {
  if (!isTorn) closeRows()
  return !isTorn
}

/**
 * Passes over the items; all but the last one are placed, and the branches on the path to that one
 * are open.
 */
function openBranches(items: u32): void {
  records = alloc(items * ITEM)
  stackSize = 0
  for (let item: u32 = 1; item < items; item++) {
    const depth = <i32>commonAt(item)
    if (topDepth() < depth) open(depth, item)
    joinItem(item - 1)
    while (topDepth() > depth) {
      const branch = close()
      if (topDepth() < depth) open(depth, item)
      joinBranch(branch)
    }
  }
}

// @ts-ignore: decorator
@inline
function top(): usize {
  return load<usize>(STACK + ((stackSize - 1) << 2))
}

// @ts-ignore: decorator
@inline
function topDepth(): i32 {
  return stackSize == 0 ? ABOVE_ROOT : load<i32>(top(), DEPTH)
}

function open(depth: u32, item: u32): void {
  const branch = alloc(BRANCH)
  store<u32>(branch, depth, DEPTH)
  store<i32>(branch, ABOVE_ROOT, PARENT_DEPTH)
  store<u32>(branch, 1, HEIGHT)
  store<usize>(branch, branch + FIRST, TAIL)
  store<usize>(branch, pathAt(item), KEY)
  store<usize>(STACK + (stackSize++ << 2), branch)
}

/** Takes the deepest branch off the stack and puts it into the row of its height. */
function close(): usize {
  const branch = top()
  stackSize--
  const row = ROWS + (load<u32>(branch, HEIGHT) << 2)
  store<usize>(branch, load<usize>(row), NEXT_IN_ROW)
  store<usize>(row, branch)
  return branch
}

/** Hangs an item into the deepest branch, as its next child. */
// @ts-ignore: decorator
@inline
function joinItem(item: u32): void {
  const branch = top()
  const node = records + item * ITEM
  const depth = load<i32>(branch, DEPTH)
  join(branch, node, nibbleAt(pathAt(item), depth))
  place(item, node, depth)
}

/** Hangs a closed branch into the one above it. */
function joinBranch(node: usize): void {
  const branch = top()
  const depth = load<i32>(branch, DEPTH)
  join(branch, node, nibbleAt(load<usize>(node, KEY), depth))
  store<i32>(node, depth, PARENT_DEPTH)
  store<u32>(branch, max(load<u32>(branch, HEIGHT), load<u32>(node, HEIGHT) + 1), HEIGHT)
}

// @ts-ignore: decorator
@inline
function join(branch: usize, node: usize, nibble: u32): void {
  store<u8>(node, nibble, NIBBLE)
  store<usize>(node, 0, NEXT)
  store<usize>(load<usize>(branch, TAIL), node)
  store<usize>(branch, node + NEXT, TAIL)
}

/** Makes the reference of an item below a branch at `parentDepth`. */
function place(item: u32, record: usize, parentDepth: i32): void {
  if (isLeaf(item)) {
    encodeLeaf(item - leftCount, record, parentDepth)
    return
  }
  const stub = stubAt(item)
  if (<i32>load<u32>(stub, STUB_DEPTH) != parentDepth + 1) isTorn = true
  setRef(record + REF, stub + STUB_REF + REF_DATA, load<u8>(stub, STUB_REF))
}

/** Encodes and hashes the closed branches, lowest first. */
function closeRows(): void {
  flush()
  for (let height: u32 = 1; height <= MAX_NIBBLES; height++) {
    const first = load<usize>(ROWS + (height << 2))
    if (first == 0) return
    for (let branch = first; branch != 0; branch = load<usize>(branch, NEXT_IN_ROW)) encodeBranch(branch)
    flush()
    for (let branch = first; branch != 0; branch = load<usize>(branch, NEXT_IN_ROW)) {
      if (load<i32>(branch, DEPTH) > load<i32>(branch, PARENT_DEPTH) + 1) encodeExtension(branch)
    }
    flush()
  }
}

/** The root of the trie without leaves: the hash of the empty string. */
function emptyRoot(): usize {
  const node = alloc(roomFor(1))
  const digest = alloc(32)
  store<u8>(node, 0x80)
  hash(node, 1, digest)
  flush()
  return digest
}

/**
 * Root of the trie of stubs and leaves behind them.
 *
 *    stubs     table of stubCount stubs, ascending, see stub.ts
 *    keys      n × size bytes
 *    values    one after the other
 *    offsets   (n + 1) × u32, see leaves.ts
 *    root      32 bytes, written
 *
 * @returns Done, NotAscending, EmptyValue, or WrongRoot when the stubs do not fit to the leaves
 */
export function rootOf(
  stubs: usize,
  stubCount: u32,
  size: u32,
  n: u32,
  keys: usize,
  values: usize,
  offsets: usize,
  root: usize,
): Status {
  const status = takeLeaves(size, n, keys, values, offsets)
  if (status != Status.Done) return status
  setStubs(stubs, stubCount, 0, 0)
  const built = buildRoot()
  if (built == 0) return Status.WrongRoot
  memory.copy(root, built, 32)
  return Status.Done
}

/**
 * Replaces all that leaves to come cannot change any more by stubs: every child, but the last, of
 * every branch on the path to the last leaf. These stubs, the last leaf and all leaves behind it
 * give the same root as all leaves.
 *
 *    stubs … offsets   as for `rootOf`, n > 0
 *    folded            room for 30 × size stubs, written
 *
 * @returns how many stubs were written, or NotAscending, EmptyValue, or WrongRoot
 */
export function foldLeaves(
  stubs: usize,
  stubCount: u32,
  size: u32,
  n: u32,
  keys: usize,
  values: usize,
  offsets: usize,
  folded: usize,
): i32 {
  const status = takeLeaves(size, n, keys, values, offsets)
  if (status != Status.Done) return status
  setStubs(stubs, stubCount, 0, 0)
  beginTries()
  openBranches(stubCount + n)
  if (isTorn) return Status.WrongRoot
  closeRows()
  const last = keyAt(n - 1)
  let written = folded
  for (let at: usize = 0; at < stackSize; at++) {
    const branch = load<usize>(STACK + (at << 2))
    const depth = load<u32>(branch, DEPTH) + 1
    for (let child = load<usize>(branch, FIRST); child != 0; child = load<usize>(child, NEXT)) {
      writeStub(written, last, size, depth, load<u8>(child, NIBBLE), child + REF + REF_DATA, load<u8>(child, REF))
      written += STUB
    }
  }
  return <i32>((written - folded) / STUB)
}

/**
 * The branch at which leaves part, as what is above it refers to it where it hangs right there.
 *
 *    keys … offsets   as for `rootOf`; two leaves at least
 *    reference        40 bytes, written: size (u8), two bytes of nothing, then the reference
 *
 * @returns Done, NotAscending or EmptyValue
 */
export function branchOf(
  size: u32,
  n: u32,
  keys: usize,
  values: usize,
  offsets: usize,
  reference: usize,
): Status {
  const status = takeLeaves(size, n, keys, values, offsets)
  if (status != Status.Done) return status
  setStubs(0, 0, 0, 0)
  beginTries()
  const branch = addTrie() - (REF + REF_DATA + 1)
  // As if its parent were right above it: then it gets no extension.
  store<i32>(branch, load<i32>(branch, DEPTH) - 1, PARENT_DEPTH)
  buildPart(true)
  endTries()
  buildPart(false)
  setRef(reference, branch + REF + REF_DATA, load<u8>(branch, REF))
  return Status.Done
}
