import { toHex } from '../../../base/bytes/hex.ts'
import { CambiumError } from '../../../base/CambiumError.ts'

/** A node or a code that came a second time. */
export class AlreadyProcessedError extends CambiumError {
  /** @param what names it: `'node at 07'`, `'code 0x…'` */
  constructor(what: string) {
    super('ALREADY_PROCESSED', `${what} was already processed`)
  }
}

/** A node or a code whose hash is not the one that was asked for. */
export class HashMismatchError extends CambiumError {
  /** @param what names it: `'node at 07'`, `'code 0x…'` */
  constructor(what: string, wanted: Uint8Array, received: Uint8Array) {
    super('HASH_MISMATCH', `${what} must hash to ${toHex(wanted)}, got ${toHex(received)}`)
  }
}

/**
 * A node or a code that nobody waits for: never asked for, or its part of the trie is complete by
 * now.
 */
export class NotRequestedError extends CambiumError {
  /** @param what names it: `'node at 07'`, `'code 0x…'` */
  constructor(what: string) {
    super('NOT_REQUESTED', `${what} was not requested`)
  }
}
