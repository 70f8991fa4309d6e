import {
  CONTRACTS,
  CONTRACT_COUNT,
  COUNT,
  countItems,
  isAfter,
  KEYS,
  LAST_COUNT,
  LAST_KEY,
  MIN_PAIR,
  OFFSETS,
  proof,
  proofSize,
  readPair,
  readProof,
  result,
  VALUES,
} from './answer'
import { alloc, copy } from './arena'
import { isHash, verifyRange } from './range'
import { isList, itemEnd, payload, readItem } from './rlp'
import { Status } from './status'

// Accounts travel and are stored in their slim form, in which the root of no storage and the hash of no code are empty
// strings; the trie hashes the full form. Exactly one slim form is accepted of each account.

const EMPTY_ROOT = memory.data<u8>([
  0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
  0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21,
], 8)
const EMPTY_CODE_HASH = memory.data<u8>([
  0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
  0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70,
], 8)

/** The full form has both hashes and a header of two bytes, so it is this much longer than the slim one at most. */
const EXPANSION: usize = 65

// An account with storage or code:
//
//    0       4       8              40          72
//    ┌───────┬───────┬──────────────┬───────────┐
//    │ index │ flags │ storage root │ code hash │
//    └───────┴───────┴──────────────┴───────────┘
//
// flags: 1 with storage, 2 with code; a hash that it has not is not written.
const CONTRACT: usize = 72

/** Where the full form of the account read last ends. */
let fullEnd: usize = 0

/**
 * Reads the slim account from `at` to `end`, writes its full form to `full`, and to `contract` what a contract has.
 * @returns the flags of a contract, 0 for a plain account, or -1
 */
function readSlim(at: usize, end: usize, full: usize, contract: usize): i32 {
  if (!readItem(at, end) || !isList || itemEnd != end) return -1
  const numbers = payload
  if (!readNumber(numbers, end, 8) || !readNumber(itemEnd, end, 32)) return -1
  const hashes = itemEnd
  const size = hashes - numbers
  store<u8>(full, 0xf8)
  store<u8>(full, size + 66, 1)
  copy(full + 2, numbers, size)
  fullEnd = full + 2 + size
  const storage = readHash(hashes, end, EMPTY_ROOT, contract + 8)
  if (storage < 0) return -1
  const code = readHash(itemEnd, end, EMPTY_CODE_HASH, contract + 40)
  return code < 0 || itemEnd != end ? -1 : storage | (code << 1)
}

function readNumber(at: usize, end: usize, most: usize): bool {
  if (!readItem(at, end) || isList) return false
  const size = itemEnd - payload
  return size <= most && (size == 0 || load<u8>(payload) != 0)
}

/** Reads a hash and writes it, or the one of nothing, where the full form ends. @returns 1 where it is one, 0, or -1 */
function readHash(at: usize, end: usize, empty: usize, hash: usize): i32 {
  if (!readItem(at, end) || isList) return -1
  const size = itemEnd - payload
  if (size != 0 && (size != 32 || isHash(payload, empty))) return -1
  store<u8>(fullEnd, 0xa0)
  copy(fullEnd + 1, size == 0 ? empty : payload, 32)
  fullEnd += 33
  if (size == 0) return 0
  copy(hash, payload, 32)
  return 1
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
  const n = countItems(list, listEnd)
  // Before a pair was read: a list of a million single bytes must not take 180 MB, which wasm never gives back.
  if (n <= 0 || <usize>n * MIN_PAIR > listSize) return Status.Unread
  const keys = alloc(n << 5)
  const values = alloc(listSize)
  const offsets = alloc((n + 1) << 2)
  const fulls = alloc(listSize + n * EXPANSION)
  const fullOffsets = alloc((n + 1) << 2)
  const contracts = alloc(n * CONTRACT)
  let value = values
  let contract = contracts
  store<u32>(offsets, 0)
  store<u32>(fullOffsets, 0)
  fullEnd = fulls
  let at = list
  for (let index = 0; index < n; index++) {
    const pairEnd = readPair(at, listEnd, keys + (index << 5))
    if (pairEnd == 0) return Status.Unread
    const body = itemEnd
    const flags = readSlim(body, pairEnd, fullEnd, contract)
    if (flags < 0) return Status.Unread
    if (flags != 0) {
      store<u32>(contract, index)
      store<u32>(contract, flags, 4)
      contract += CONTRACT
    }
    copy(value, body, pairEnd - body)
    value += pairEnd - body
    store<u32>(offsets + (index << 2), value - values, 4)
    store<u32>(fullOffsets + (index << 2), fullEnd - fulls, 4)
    at = pairEnd
  }
  const isWhole = proofSize == 0 && isZero(origin)
  const status = verifyRange(root, origin, 32, n, keys, fulls, fullOffsets, isWhole ? 0 : proof, proofSize)
  if (status < 0) return status

  let kept = n
  while (kept > 0 && isAfter(keys + ((kept - 1) << 5), last)) kept--
  while (contract > contracts && load<u32>(contract - CONTRACT) >= <u32>kept) contract -= CONTRACT
  const found = result()
  store<usize>(found, keys, KEYS)
  store<usize>(found, values, VALUES)
  store<usize>(found, offsets, OFFSETS)
  store<u32>(found, kept, COUNT)
  store<u32>(found, n, LAST_COUNT)
  store<usize>(found, contracts, CONTRACTS)
  store<u32>(found, (contract - contracts) / CONTRACT, CONTRACT_COUNT)
  store<usize>(found, keys + ((n - 1) << 5), LAST_KEY)
  return status
}

function isZero(hash: usize): bool {
  return (load<u64>(hash) | load<u64>(hash, 8) | load<u64>(hash, 16) | load<u64>(hash, 24)) == 0
}
