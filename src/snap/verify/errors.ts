import { bytesToHex } from '@noble/hashes/utils.js'
import { CambiumError } from '../../base/CambiumError.ts'

/** A peer delivered code that was not asked for, or not in the order of the request. */
export class CodeMismatchError extends CambiumError {
  constructor(digest: Uint8Array) {
    super(
      'CODE_MISMATCH',
      `delivered code hashes to 0x${bytesToHex(digest)}, which was not requested at its place`,
    )
  }
}

/** A peer delivered a trie node that was not asked for, or not in the order of the request. */
export class NodeMismatchError extends CambiumError {
  constructor(digest: Uint8Array) {
    super(
      'NODE_MISMATCH',
      `delivered trie node hashes to 0x${bytesToHex(digest)}, which was not requested at its place`,
    )
  }
}
