import { RlpError } from '../rlp/errors.ts'
import { RlpReader } from '../rlp/RlpReader.ts'
import { headerSize, writeHeader } from '../rlp/rlpHeader.ts'
import { emptyCodeHash, emptyRoot } from './emptyHashes.ts'

const EMPTY_ROOT = /* @__PURE__ */ emptyRoot()
const EMPTY_CODE_HASH = /* @__PURE__ */ emptyCodeHash()

/** Bytes of a hash with its header; an account ends in two of them. */
const HASH_ITEM = 33

/** An account is never so short that its header would have one byte. */
const HEADER = 2

/**
 * The slim form of an account out of the form in the trie, RLP of `[nonce, balance, storage root,
 * code hash]`.
 *
 * @throws {RlpError} when it is no such list
 */
export function slimAccount(account: Uint8Array): Uint8Array {
  const fields = new RlpReader(account).list('account')
  fields.string('nonce')
  fields.string('balance')
  fields.string('storage root', 32)
  fields.string('code hash', 32)
  fields.finish('account')
  const slim = new Uint8Array(slimSize(account, 0, account.length))
  writeSlim(account, 0, account.length, slim, 0)
  return slim
}

/**
 * Bytes of the slim form of the account that lies at `start` to `end`. A server converts thousands
 * of accounts per answer: straight from byte to byte, as going through numbers takes ten times as
 * long.
 *
 * @throws {RlpError} when it does not end in two hashes; the numbers before them are not looked at
 */
export function slimSize(bytes: Uint8Array, start: number, end: number): number {
  const size = end - start - HEADER
  const hasShape =
    size >= 2 + 2 * HASH_ITEM &&
    bytes[start] === 0xf8 &&
    bytes[start + 1] === size &&
    bytes[end - 2 * HASH_ITEM] === 0xa0 &&
    bytes[end - HASH_ITEM] === 0xa0
  if (!hasShape) throw new RlpError(`the ${end - start} bytes at ${start} are no account`)
  const payload = slimPayload(bytes, start, end)
  return headerSize(payload) + payload
}

/**
 * Writes the slim form of the account that lies at `start` to `end`.
 * @param start,end as `slimSize` was given them
 * @returns where it ends
 */
export function writeSlim(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  position: number,
): number {
  const hashes = end - 2 * HASH_ITEM
  let at = writeHeader(0xc0, slimPayload(bytes, start, end), out, position)
  for (let from = start + HEADER; from < hashes; ) out[at++] = bytes[from++]!
  at = writeHash(bytes, hashes + 1, EMPTY_ROOT, out, at)
  return writeHash(bytes, hashes + HASH_ITEM + 1, EMPTY_CODE_HASH, out, at)
}

function slimPayload(bytes: Uint8Array, start: number, end: number): number {
  const hashes = end - 2 * HASH_ITEM
  return (
    hashes -
    start -
    HEADER +
    (equals(bytes, hashes + 1, EMPTY_ROOT) ? 1 : HASH_ITEM) +
    (equals(bytes, hashes + HASH_ITEM + 1, EMPTY_CODE_HASH) ? 1 : HASH_ITEM)
  )
}

/** Writes a hash, or of nothing's hash that there is none. */
function writeHash(
  bytes: Uint8Array,
  from: number,
  empty: Uint8Array,
  out: Uint8Array,
  position: number,
): number {
  if (equals(bytes, from, empty)) {
    out[position] = 0x80
    return position + 1
  }
  out[position] = 0xa0
  for (let index = 0; index < 32; index++) out[position + 1 + index] = bytes[from + index]!
  return position + HASH_ITEM
}

function equals(bytes: Uint8Array, from: number, hash: Uint8Array): boolean {
  let index = 0
  while (index < 32 && bytes[from + index] === hash[index]) index++
  return index === 32
}
