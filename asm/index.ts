import { flush, hash } from './hasher'

// One source, two builds: asc's `--enable simd` sets ASC_FEATURE_SIMD, on which `hasher.ts` chooses. The exports are
// the same by construction. Only WasmVerifier calls them.

export { alloc, reset } from './arena'
export { foldLeaves, rootOf } from './trie'
export { verifyRange } from './range'

/**
 * Keccak-256 of `count` inputs.
 *
 *    table    0       4       8                8 × count
 *             ┌───────┬───────┬──────── … ───────┐
 *             │ input │ size  │ next input       │
 *             └───────┴───────┴──────── … ───────┘
 *    input    size bytes, then room to the next multiple of 136 and 8 more bytes: it is padded where it lies
 *    digests  32 bytes each, in the order of the table
 */
export function keccak256(table: usize, count: usize, digests: usize): void {
  for (const end = table + (count << 3); table < end; table += 8, digests += 32) {
    hash(load<usize>(table), load<usize>(table, 4), digests)
  }
  flush()
}
