import { CambiumError } from '../bytes/CambiumError.ts'
import { toHex } from '../bytes/hex.ts'

/** What was stored belonged to another root and has been removed. A fault: the sync goes on from the start. */
export class RootChangedError extends CambiumError {
  constructor(stored: Uint8Array | undefined, root: Uint8Array) {
    const held = stored === undefined ? 'an unknown root' : toHex(stored)
    super('ROOT_CHANGED', `the stored state belonged to ${held}, not to ${toHex(root)}: replaced`)
  }
}
