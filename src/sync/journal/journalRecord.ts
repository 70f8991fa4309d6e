import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../../base/compareBytes.ts'
import { encodeRlp, type RlpInput } from '../../rlp/encodeRlp.ts'
import { RlpReader } from '../../rlp/RlpReader.ts'

const VERSION = 2

/**
 * Bytes of the checksum: a flipped bit in a cursor would skip accounts for good, and be noticed only by the final check.
 * Damage, not malice: who can write here can write whole databases.
 */
const CHECKSUM_SIZE = 8

/** By the version of the form. */
const CHECKSUMS: Readonly<Record<number, (body: Uint8Array) => Uint8Array>> = {
  1: (body) => keccak_256(body).subarray(0, CHECKSUM_SIZE),
  2: checksum,
}

/**
 * FNV-1a twice, with two primes: each step can be undone, so that no change of a single byte is missed. A task that waits for a
 * thousand contracts has a record of 100 KB, written with every answer; Keccak took 4 ms for it, this takes 0.1.
 */
function checksum(body: Uint8Array): Uint8Array {
  let a = 0x811c9dc5
  let b = 0xc59d1c81
  for (let at = 0; at < body.length; at++) {
    a = Math.imul(a ^ body[at]!, 0x01000193)
    b = Math.imul(b ^ body[at]!, 0x85ebca6b)
  }
  const sum = new DataView(new ArrayBuffer(CHECKSUM_SIZE))
  sum.setInt32(0, a)
  sum.setInt32(4, b)
  return new Uint8Array(sum.buffer)
}

/** A journal record: version of its form (1 byte) ‖ checksum ‖ RLP list of fields; hashes are 32 bytes, absent values empty. */
export function encodeRecord(...fields: RlpInput[]): Uint8Array {
  const body = encodeRlp(fields)
  return concatBytes(Uint8Array.of(VERSION), checksum(body), body)
}

/**
 * Reads the fields of a journal record; `read` must take them all.
 * @throws {Error} when the record is damaged, or has a form of another version; and whatever `read` throws
 */
export function decodeRecord<Value>(record: Uint8Array, read: (fields: RlpReader) => Value): Value {
  const sum = CHECKSUMS[record[0]!]
  if (sum === undefined) throw new Error(`form ${record[0]} is unknown, expected ${VERSION}`)
  const body = record.subarray(1 + CHECKSUM_SIZE)
  if (compareBytes(sum(body), record.subarray(1, 1 + CHECKSUM_SIZE)) !== 0) {
    throw new Error('its checksum differs')
  }
  const fields = new RlpReader(body).list('fields')
  const value = read(fields)
  fields.finish('record')
  return value
}
