import { concatBytes } from '@noble/hashes/utils.js'
import { CHECKSUM_SIZE, checksum } from '../../base/bytes/checksum.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { encodeRlp, type RlpInput } from '../../rlp/encodeRlp.ts'
import { RlpReader } from '../../rlp/RlpReader.ts'

/** Forms 1 and 2 had other checksums; no release wrote them. */
const VERSION = 3

/**
 * A journal record: version of its form (1 byte) ‖ checksum ‖ RLP list of fields; hashes are 32
 * bytes, absent values empty. A flipped bit in a cursor would skip accounts, and only the final
 * check would notice.
 */
export function encodeRecord(...fields: RlpInput[]): Uint8Array {
  const body = encodeRlp(fields)
  return concatBytes(Uint8Array.of(VERSION), checksum(body), body)
}

/**
 * Reads the fields of a journal record; `read` must take them all.
 * @throws {Error} when the record is damaged, or has a form of another version; and errors of
 *   `read`
 */
export function decodeRecord<Value>(record: Uint8Array, read: (fields: RlpReader) => Value): Value {
  if (record[0] !== VERSION) throw new Error(`form ${record[0]} is unknown, expected ${VERSION}`)
  const body = record.subarray(1 + CHECKSUM_SIZE)
  if (compareBytes(checksum(body), record.subarray(1, 1 + CHECKSUM_SIZE)) !== 0) {
    throw new Error('its checksum differs')
  }
  const whole = new RlpReader(body)
  const fields = whole.list('fields')
  whole.finish('record')
  const value = read(fields)
  fields.finish('fields')
  return value
}
