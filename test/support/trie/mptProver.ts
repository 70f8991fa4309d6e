import { verifyMerkleRangeProof } from '@ethereumjs/mpt'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { leafKey, leafValue } from '../../../src/leaves/Leaves.ts'
import type { RangeClaim } from '../../../src/verifier/Verifier.ts'

/**
 * Proves a range by another implementation.
 * @returns whether there are leaves to the right of it
 * @throws when the proof is bad
 */
export function mptProver({ root, origin, leaves, proof }: RangeClaim): Promise<boolean> {
  const keys = Array.from({ length: leaves.count }, (_, index) => leafKey(leaves, index))
  const values = keys.map((_, index) => leafValue(leaves, index))
  const whole = proof === undefined
  return verifyMerkleRangeProof(
    root,
    // Of no leaves, the last is null there; of a whole trie, both ends.
    whole ? null : origin,
    whole ? null : (keys.at(-1) ?? null),
    keys,
    values,
    whole ? null : [...proof],
    keccak_256,
  )
}
