import { CambiumError } from '../../../base/CambiumError.ts'
import { toHex } from '../../../base/hex.ts'

/** A node or a code whose hash is not the one that was asked for. */
export class HashMismatchError extends CambiumError {
  /** @param what names it: `'node at 07'`, `'code 0x…'` */
  constructor(what: string, wanted: Uint8Array, received: Uint8Array) {
    super('HASH_MISMATCH', `${what} must hash to ${toHex(wanted)}, got ${toHex(received)}`)
  }
}
