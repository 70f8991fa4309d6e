import { alloc, copy32 } from './arena'
import { MAX_PROOF_NODE_BYTES, MAX_PROOF_NODES, RESULT_SIZE } from './layout'
import { isList, itemEnd, payload, readItem } from './rlp'
import { roomFor } from './sponge'

// What answers of snap/1 have in common: lists of [hash, body] pairs, then a list of proof nodes.
// As strict as the host's decoder. The host decodes
// a refused answer again and finds the words for its fault.

// What was found in the answer read last.
//
//    0      4        8         12      16   20          24      28
//    ┌──────┬────────┬─────────┬───────┬────┬───────────┬───────┬──────────┐
//    │ keys │ values │ offsets │ count │ of │ contracts │ count │ last key │
//    └──────┴────────┴─────────┴───────┴────┴───────────┴───────┴──────────┘
//
// keys, values, offsets: the leaves that are kept, in the layout of `Leaves`. of: leaves in the
// list that came last. last key: the last one of that list, whether it is kept or not. contracts
// and their count: see accounts.ts; of slots, the count says to how many the answer goes.
const RESULT = memory.data(RESULT_SIZE, 4)

/** Where it lies what was found in the answer read last. */
export function result(): usize {
  return RESULT
}

/** Table of the proof's nodes, as `keccak256` takes it. */
export let proof: usize = 0
export let proofSize: u32 = 0

/** How many items there are from `at` to `end`; -1 where they are malformed. */
export function countItems(at: usize, end: usize): i32 {
  let items = 0
  for (; at < end; at = itemEnd) {
    if (!readItem(at, end)) return -1
    items++
  }
  return items
}

/** Copies the nodes in the list at `at`, each with room for its padding; it must end at `end`. */
export function readProof(at: usize, end: usize): bool {
  if (!readItem(at, end) || !isList || itemEnd != end) return false
  const list = payload
  const items = countItems(list, end)
  if (<u32>items > MAX_PROOF_NODES) return false
  proofSize = items
  proof = alloc(proofSize << 3)
  at = list
  for (let entry = proof; at < end; entry += 8) {
    readItem(at, end)
    const size = itemEnd - payload
    if (isList || size > MAX_PROOF_NODE_BYTES) return false
    const node = alloc(roomFor(size))
    memory.copy(node, payload, size)
    store<usize>(entry, node)
    store<usize>(entry, size, 4)
    at = itemEnd
  }
  return true
}

/** Bytes of the smallest pair: its header, a key with its own, one byte. */
export const MIN_PAIR: usize = 35

// Lists of at most 255 bytes, which are all pairs with an account and almost all with a slot: read
// without a call.

/** Bytes of the header of the short list at `at`. */
// @ts-ignore: decorator
@inline
export function shortHeader(at: usize): usize {
  return <usize>(load<u8>(at) == 0xf8) + 1
}

/**
 * Where the short list at `at` ends; 0 if no canonical list there ends at or before `end`.
 */
// @ts-ignore: decorator
@inline
export function shortListEnd(at: usize, end: usize): usize {
  const first = <usize>load<u8>(at)
  let size = first - 0xc0
  if (size > 55) {
    size = load<u8>(at, 1)
    if (first != 0xf8 || size < 56) return 0
    at++
  }
  at += 1 + size
  return at <= end ? at : 0
}

/** How many pairs there are from `at` to `end`; -1 where one of them is no short list. */
export function countPairs(at: usize, end: usize): i32 {
  let pairs = 0
  for (; at < end; pairs++) {
    at = shortListEnd(at, end)
    if (at == 0) return -1
  }
  return pairs
}

/**
 * Copies the hash of the [hash, body] pair from `at` to `pairEnd` to `key`.
 * @returns where the body begins, before the end of the pair; or 0
 */
// @ts-ignore: decorator
@inline
export function readPair(at: usize, pairEnd: usize, key: usize): usize {
  const hash = at + shortHeader(at)
  if (hash + 33 >= pairEnd || load<u8>(hash) != 0xa0) return 0
  copy32(key, hash + 1)
  return hash + 33
}

/** Whether the 32 bytes at `a` come after those at `b`. */
export function isAfter(a: usize, b: usize): bool {
  for (let at: usize = 0; at < 32; at += 8) {
    const x = bswap(load<u64>(a + at))
    const y = bswap(load<u64>(b + at))
    if (x != y) return x > y
  }
  return false
}
