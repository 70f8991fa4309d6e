import { CambiumError } from '../base/CambiumError.ts'
import { toHex } from '../base/hex.ts'

/** A node on the way to a key is not among those that were given. */
export class MissingNodeError extends CambiumError {
  constructor(hash: Uint8Array) {
    super('MISSING_NODE', `trie node with hash ${toHex(hash)} is missing`)
  }
}
