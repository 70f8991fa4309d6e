import { CambiumError } from '../base/CambiumError.ts'
import { toHex } from '../base/hex.ts'

/** A source does not have the state under this root (any more). */
export class UnknownRootError extends CambiumError {
  constructor(root: Uint8Array) {
    super('UNKNOWN_ROOT', `there is no state with the root ${toHex(root)}`)
  }
}
