import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../bytes/compareBytes.ts'
import { encodeRlp, type RlpInput } from '../bytes/encodeRlp.ts'
import { RlpCursor } from '../bytes/RlpCursor.ts'

const VERSION = 1

/**
 * Bytes of the checksum: a flipped bit in a cursor would skip accounts for good, and be noticed only by the final check.
 * Damage, not malice: who can write here can write whole databases.
 */
const CHECKSUM_SIZE = 8

function checksum(body: Uint8Array): Uint8Array {
  return keccak_256(body).subarray(0, CHECKSUM_SIZE)
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
export function decodeRecord<Value>(record: Uint8Array, read: (fields: RlpCursor) => Value): Value {
  if (record[0] !== VERSION) throw new Error(`form ${record[0]} is unknown, expected ${VERSION}`)
  const body = record.subarray(1 + CHECKSUM_SIZE)
  if (compareBytes(checksum(body), record.subarray(1, 1 + CHECKSUM_SIZE)) !== 0) {
    throw new Error('its checksum differs')
  }
  const fields = new RlpCursor(body).list('fields')
  const value = read(fields)
  fields.finish('record')
  return value
}
