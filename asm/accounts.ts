import { countPairs, isAfter, MIN_PAIR, proof, proofSize, readPair, readProof, result, shortHeader, shortListEnd } from './answer'
import {
  CONTRACT_CODE_HASH,
  CONTRACT_FLAGS,
  CONTRACT_INDEX,
  CONTRACT_SIZE,
  CONTRACT_STORAGE_ROOT,
  HAS_CODE,
  HAS_STORAGE,
  RESULT_CONTRACTS,
  RESULT_CONTRACT_COUNT,
  RESULT_COUNT,
  RESULT_KEYS,
  RESULT_LAST_COUNT,
  RESULT_LAST_KEY,
  RESULT_OFFSETS,
  RESULT_VALUES,
} from './layout'
import { alloc, copy, copy32, copyHash } from './arena'
import { isHash, verifyRange } from './range'
import { isList, itemEnd, payload, readItem } from './rlp'
import { Status } from './status'

// Accounts travel and are stored in their slim form, in which the root of no storage and the hash
// of no code are empty strings; the trie hashes the full form. Exactly one slim form is accepted of
// each account.

// What stands for the storage and the code of a plain account, in RLP: the root of no storage, then
// the hash of no code.
const EMPTY = memory.data<u8>([
  0xa0,
  0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
  0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
  0xa0,
  0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
  0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70,
], 16)
/** Bytes of a hash in RLP. */
const HASH: usize = 33

/**
 * The full form has both hashes and a header of two bytes, so it is this much longer than the slim
 * one at most.
 */
const EXPANSION: usize = 65

// An account with storage or code:
//
//    0       4       8              40          72
//    ┌───────┬───────┬──────────────┬───────────┐
//    │ index │ flags │ storage root │ code hash │
//    └───────┴───────┴──────────────┴───────────┘
//
// flags: HAS_STORAGE, HAS_CODE; a hash that it has not is not written.
/** Where the full form of the account read last ends. */
let fullEnd: usize = 0

/**
 * Reads the slim account from `at` to `end`, writes its full form to `full`, and to `contract` what
 * a contract has. Sizes are computed and not branched upon, and copies have fixed sizes, as those
 * of accounts follow no pattern: a guess of the processor that fails costs as much as copying 200
 * bytes.
 * @returns the flags of a contract, 0 for a plain account, or -1
 */
// @ts-ignore: decorator
@inline
function readSlim(at: usize, end: usize, full: usize, contract: usize): i32 {
  if (shortListEnd(at, end) != end) return -1
  const numbers = at + shortHeader(at)
  const balance = numberEnd(numbers, end, 8)
  if (balance == 0) return -1
  const hashes = numberEnd(balance, end, 32)
  if (hashes == 0) return -1
  const size = hashes - numbers
  store<u8>(full, 0xf8)
  store<u8>(full, size + 2 * HASH, 1)
  // 42 bytes at most, and hardly ever more than 32.
  copy32(full + 2, numbers)
  if (size > 32) copy32(full + 34, numbers + 32)
  full += 2 + size
  fullEnd = full + 2 * HASH
  copy32(full, EMPTY)
  copy32(full + 32, EMPTY + 32)
  store<u16>(full, load<u16>(EMPTY, 64), 64)
  if (load<u16>(hashes) == 0x8080 && hashes + 2 == end) return 0

  const code = hashEnd(hashes, end, EMPTY)
  if (code == 0 || hashEnd(code, end, EMPTY + HASH) != end) return -1
  let flags = 0
  if (code - hashes == HASH) {
    copyHash(full + 1, hashes + 1)
    copyHash(contract + CONTRACT_STORAGE_ROOT, hashes + 1)
    flags = HAS_STORAGE
  }
  if (end - code == HASH) {
    copyHash(full + HASH + 1, code + 1)
    copyHash(contract + CONTRACT_CODE_HASH, code + 1)
    flags |= HAS_CODE
  }
  return flags
}

/** Where the canonical number of at most `most` bytes at `at` ends, before `end`; or 0. */
// @ts-ignore: decorator
@inline
function numberEnd(at: usize, end: usize, most: usize): usize {
  const first = <usize>load<u8>(at)
  const next = <usize>load<u8>(at, 1)
  // None where the byte is the number. A list has a size here as well, and one that is too much.
  const size = (first & 0x7f) & (0 - (first >> 7))
  const least: usize = size == 1 ? 0x80 : size != 0 ? 1 : 0
  const numberEnd = at + 1 + size
  return (first == 0) | (size > most) | (next < least) | (numberEnd >= end) ? 0 : numberEnd
}

/**
 * Where the hash at `at` ends, or the empty string for the one in RLP at `empty`, which must not be
 * written out; or 0.
 */
function hashEnd(at: usize, end: usize, empty: usize): usize {
  if (at >= end) return 0
  if (load<u8>(at) == 0x80) return at + 1
  return load<u8>(at) != 0xa0 || end - at < HASH || isHash(at + 1, empty + 1) ? 0 : at + HASH
}

/**
 * Reads and proves an answer to GetAccountRange, and keeps the accounts up to `last`.
 *
 *    fields … end   the RLP of what follows the id: the list of accounts, the list of proof nodes
 *    root           of the state, 32 bytes
 *    origin, last   32 bytes each
 *
 * @returns Done, More, or a fault; `result()` tells the rest, values of leaves being slim accounts
 */
export function readAccounts(fields: usize, end: usize, root: usize, origin: usize, last: usize): Status {
  if (!readItem(fields, end) || !isList) return Status.Unread
  const list = payload
  const listEnd = itemEnd
  const listSize = listEnd - list
  if (!readProof(listEnd, end)) return Status.Unread
  const n = countPairs(list, listEnd)
  // Before a pair was read: a list of a million single bytes must not take 180 MB, which wasm never
  // gives back.
  if (n <= 0 || <usize>n * MIN_PAIR > listSize) return Status.Unread
  const keys = alloc(n << 5)
  const values = alloc(listSize)
  const offsets = alloc((n + 1) << 2)
  const fulls = alloc(listSize + n * EXPANSION)
  const fullOffsets = alloc((n + 1) << 2)
  const contracts = alloc(n * CONTRACT_SIZE)
  let value = values
  let contract = contracts
  store<u32>(offsets, 0)
  store<u32>(fullOffsets, 0)
  fullEnd = fulls
  let at = list
  for (let index = 0; index < n; index++) {
    const pairEnd = shortListEnd(at, listEnd)
    const body = readPair(at, pairEnd, keys + (index << 5))
    if (body == 0) return Status.Unread
    const flags = readSlim(body, pairEnd, fullEnd, contract)
    if (flags < 0) return Status.Unread
    if (flags != 0) {
      store<u32>(contract, index, CONTRACT_INDEX)
      store<u32>(contract, flags, CONTRACT_FLAGS)
      contract += CONTRACT_SIZE
    }
    // A plain account has 5 to 45 bytes, most under 32. What is too much falls into room that is
    // left: there are as many bytes as the list has, and of each pair 34 at least are its key and
    // headers.
    const size = pairEnd - body
    copy32(value, body)
    if (size > 32) copy(value + 32, body + 32, size - 32)
    value += size
    store<u32>(offsets + (index << 2), value - values, 4)
    store<u32>(fullOffsets + (index << 2), fullEnd - fulls, 4)
    at = pairEnd
  }
  const isWhole = proofSize == 0 && isZero(origin)
  const status = verifyRange(root, origin, 32, n, keys, fulls, fullOffsets, isWhole ? 0 : proof, proofSize)
  if (status < 0) return status

  let kept = n
  while (kept > 0 && isAfter(keys + ((kept - 1) << 5), last)) kept--
  while (contract > contracts && load<u32>(contract - CONTRACT_SIZE) >= <u32>kept) contract -= CONTRACT_SIZE
  const found = result()
  store<usize>(found, keys, RESULT_KEYS)
  store<usize>(found, values, RESULT_VALUES)
  store<usize>(found, offsets, RESULT_OFFSETS)
  store<u32>(found, kept, RESULT_COUNT)
  store<u32>(found, n, RESULT_LAST_COUNT)
  store<usize>(found, contracts, RESULT_CONTRACTS)
  store<u32>(found, (contract - contracts) / CONTRACT_SIZE, RESULT_CONTRACT_COUNT)
  store<usize>(found, keys + ((n - 1) << 5), RESULT_LAST_KEY)
  return status
}

function isZero(hash: usize): bool {
  return (load<u64>(hash) | load<u64>(hash, 8) | load<u64>(hash, 16) | load<u64>(hash, 24)) == 0
}
