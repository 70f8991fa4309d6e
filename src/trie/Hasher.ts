import type { Leaves } from '../leaves/Leaves.ts'

/** Hashes trie nodes. Every `Verifier` is one. */
export interface Hasher {
  /** Keccak-256 of one input: 32 bytes. */
  keccak256(input: Uint8Array): Uint8Array
  /**
   * Keccak-256 of many inputs: their digests one after the other, 32 bytes each, in the order of
   * the inputs.
   */
  keccak256Batch(inputs: readonly Uint8Array[]): Uint8Array
  /**
   * The branch at which some leaves part, as its parent refers to it where it stands right there:
   * RLP of its hash, or the branch itself where that is shorter than 32 bytes.
   *
   * @param leaves all leaves below that branch; two at least
   * @throws {LeafOrderError} when keys do not ascend, or a value is empty
   */
  branchOf(leaves: Leaves): Uint8Array
}
