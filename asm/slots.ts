import { countItems, countPairs, isAfter, MIN_PAIR, proof, proofSize, readPair, readProof, result, shortListEnd } from './answer'
import {
  CLAIM_SIZE,
  RESULT_CONTRACT_COUNT,
  RESULT_COUNT,
  RESULT_KEYS,
  RESULT_LAST_COUNT,
  RESULT_LAST_KEY,
  RESULT_OFFSETS,
  RESULT_VALUES,
} from './layout'
import { alloc, copy, copyHash } from './arena'
import { takeLeaves } from './leaves'
import { isHash, takeEdges } from './range'
import { isList, itemEnd, payload, readItem } from './rlp'
import { Status } from './status'
import { addTrie, beginTries, endTries, setStubs } from './trie'

/**
 * Reads and proves an answer to GetStorageRanges: of several contracts, each against its own
 * storage root; the nodes of all are hashed together, as most have one or two slots.
 *
 *    fields … end the RLP of what follows the id: a list of slots for each contract, the list of
 *    proof nodes
 *    claims         n × { account hash, storage root }, in the order of the request
 *    origin         32 bytes, of the first slot that was asked for
 *    last           32 bytes: slots behind it are not kept; 0 where whole contracts were asked for
 *
 * @returns More where the last contract has slots behind those that came, Done, or a fault;
 *   `result()` tells the rest, keys of leaves being account hash ‖ slot hash
 */
export function readSlots(fields: usize, end: usize, claims: usize, n: u32, origin: usize, last: usize): Status {
  if (!readItem(fields, end) || !isList) return Status.Unread
  const lists = payload
  const listsEnd = itemEnd
  if (!readProof(listsEnd, end)) return Status.Unread
  const listCount = countItems(lists, listsEnd)
  if (listCount <= 0 || <u32>listCount > n) return Status.Unread
  let total = 0
  const counts = alloc(listCount << 2)
  let at = lists
  for (let list = 0; list < listCount; list++) {
    readItem(at, listsEnd)
    const slots = payload
    at = itemEnd
    const count = isList ? countPairs(slots, at) : -1
    // A list without slots is a claim of another kind, and rare. Of too short ones, a million must
    // not take room for a million.
    if (count <= 0 || <usize>count * MIN_PAIR > at - slots) return Status.Unread
    store<u32>(counts + (list << 2), count)
    total += count
  }

  const keys = alloc(total << 5)
  const values = alloc(listsEnd - lists)
  const offsets = alloc((total + 1) << 2)
  const roots = alloc(listCount << 2)
  let slot = 0
  let value = values
  let status = Status.Done
  store<u32>(offsets, 0)
  beginTries()
  at = lists
  for (let list = 0; list < listCount; list++) {
    readItem(at, listsEnd)
    const listEnd = itemEnd
    at = payload
    const first = slot
    for (; at < listEnd; slot++) {
      const pairEnd = shortListEnd(at, listEnd)
      const body = readPair(at, pairEnd, keys + (slot << 5))
      if (body == 0 || !readItem(body, pairEnd) || isList || itemEnd != pairEnd) return Status.Unread
      copy(value, payload, pairEnd - payload)
      value += pairEnd - payload
      store<u32>(offsets + (slot << 2), value - values, 4)
      at = pairEnd
    }
    const count = load<u32>(counts + (list << 2))
    status = takeLeaves(32, count, keys + (first << 5), values, offsets + (first << 2))
    if (status != Status.Done) return status
    if (last != 0 || (list == listCount - 1 && proofSize != 0)) {
      status = takeEdges(claims + list * CLAIM_SIZE + 32, origin, proof, proofSize)
      if (status < 0) return status
    } else {
      setStubs(0, 0, 0, 0)
    }
    store<usize>(roots + (list << 2), addTrie())
  }
  if (!endTries()) return Status.WrongRoot
  for (let list = 0; list < listCount; list++) {
    if (!isHash(load<usize>(roots + (list << 2)), claims + list * CLAIM_SIZE + 32)) return Status.WrongRoot
  }

  let kept = total
  if (last != 0) while (kept > 0 && isAfter(keys + ((kept - 1) << 5), last)) kept--
  const found = result()
  store<usize>(found, prefixed(keys, kept, claims, counts), RESULT_KEYS)
  store<usize>(found, values, RESULT_VALUES)
  store<usize>(found, offsets, RESULT_OFFSETS)
  store<u32>(found, kept, RESULT_COUNT)
  store<u32>(found, listCount, RESULT_CONTRACT_COUNT)
  store<u32>(found, load<u32>(counts + ((listCount - 1) << 2)), RESULT_LAST_COUNT)
  store<usize>(found, keys + ((total - 1) << 5), RESULT_LAST_KEY)
  return status
}

/** The keys of slots behind the hashes of their accounts. */
function prefixed(keys: usize, kept: u32, claims: usize, counts: usize): usize {
  const long = alloc(kept << 6)
  let left = load<u32>(counts)
  for (let slot: u32 = 0; slot < kept; slot++) {
    while (left == 0) {
      claims += CLAIM_SIZE
      counts += 4
      left = load<u32>(counts)
    }
    copyHash(long + (slot << 6), claims)
    copyHash(long + (slot << 6) + 32, keys + (slot << 5))
    left--
  }
  return long
}

/**
 * Roots of the storage tries of several accounts, from all of their slots; their nodes are hashed
 * together.
 *
 *    keys      n × { account hash, slot hash }
 *    values    one after the other
 *    offsets   (n + 1) × u32, see leaves.ts
 *    counts    tries × u32, n in total: how many slots of each
 *    roots     tries × 32 bytes, written
 *
 * @returns Done, NotAscending or EmptyValue
 */
export function storageRoots(
  n: u32,
  keys: usize,
  values: usize,
  offsets: usize,
  counts: usize,
  tries: u32,
  roots: usize,
): Status {
  const short = alloc(n << 5)
  for (let slot: u32 = 0; slot < n; slot++) copyHash(short + (slot << 5), keys + (slot << 6) + 32)
  const found = alloc(tries << 2)
  setStubs(0, 0, 0, 0)
  beginTries()
  let first: u32 = 0
  for (let trie: u32 = 0; trie < tries; trie++) {
    const count = load<u32>(counts + (trie << 2))
    const status = takeLeaves(32, count, short + (first << 5), values, offsets + (first << 2))
    if (status != Status.Done) return status
    store<usize>(found + (trie << 2), addTrie())
    first += count
  }
  endTries()
  for (let trie: u32 = 0; trie < tries; trie++) {
    memory.copy(roots + (trie << 5), load<usize>(found + (trie << 2)), 32)
  }
  return Status.Done
}
