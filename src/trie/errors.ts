import { bytesToHex } from '@noble/hashes/utils.js'
import { toHex } from '../base/bytes/hex.ts'
import { CambiumError } from '../base/CambiumError.ts'

/** A node on the way to a key is not among those that were given. */
export class MissingNodeError extends CambiumError {
  constructor(hash: Uint8Array) {
    super('MISSING_NODE', `trie node with hash ${toHex(hash)} is missing`)
  }
}

/** Bytes that should be a node of a state trie (or a part of one), and are not. */
export class TrieNodeError extends CambiumError {
  constructor(reason: string, received: Uint8Array, options?: { cause?: unknown }) {
    const shown = bytesToHex(received.subarray(0, 32)) + (received.length > 32 ? '…' : '')
    super('TRIE_NODE', `bad trie node: ${reason} (${received.length} bytes: ${shown})`, options)
  }
}
