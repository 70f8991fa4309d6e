import { bytesToHex } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'

/** Key and value of one leaf. */
export type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** Keys of one size, strictly ascending, with values of any size, none included. */
export function arbitraryEntries(keySize: number): fc.Arbitrary<Entry[]> {
  const key = fc.uint8Array({ minLength: keySize, maxLength: keySize })
  return fc
    .uniqueArray(fc.tuple(key, fc.uint8Array({ maxLength: 40 })), {
      selector: ([bytes]) => bytesToHex(bytes),
      maxLength: 30,
    })
    .map((entries) => entries.sort(([a], [b]) => compareBytes(a, b)))
}
