import { dropAll } from './arena'
import { buildPart } from './encode'
import { flush, forget, hash } from './hasher'

// One source, two builds: asc's `--enable simd` sets ASC_FEATURE_SIMD, on which `hasher.ts`
// chooses. The exports are the same by construction. Only WasmVerifier calls them.

export { alloc } from './arena'
export { branchOf, foldLeaves, rootOf } from './trie'
export { verifyRange } from './range'
export { readAccounts } from './accounts'
export { readSlots, storageRoots } from './slots'
export { result } from './answer'

/**
 * Drops all that was allocated, and what a call that ran out of memory left behind. Comes before
 * the next call.
 */
export function reset(): void {
  dropAll()
  forget()
  buildPart(false)
}

/**
 * Keccak-256 of `count` inputs.
 *
 *    table    0       4       8                8 × count
 *             ┌───────┬───────┬──────── … ───────┐
 *             │ input │ size  │ next input       │
 *             └───────┴───────┴──────── … ───────┘
 *    input size bytes, then room to the next multiple of 136 and 16 more bytes: it is padded where
 *    it lies
 *    digests  32 bytes each, in the order of the table
 */
export function keccak256(table: usize, count: usize, digests: usize): void {
  for (const end = table + (count << 3); table < end; table += 8, digests += 32) {
    hash(load<usize>(table), load<usize>(table, 4), digests)
  }
  flush()
}
