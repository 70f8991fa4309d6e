import { keccak_256 } from '@noble/hashes/sha3.js'

/** A code as batches hold it: under its hash. */
export function codeEntry(code: Uint8Array): { hash: Uint8Array; code: Uint8Array } {
  return { hash: keccak_256(code), code }
}
