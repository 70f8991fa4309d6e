import type { Leaves } from '../leaves/Leaves.ts'

/** Which implementation runs: wasm with two Keccak states at once, wasm without SIMD, or JavaScript. */
export type VerifierBuild = 'simd' | 'plain' | 'js'

/** What a peer claims: that `leaves` are all leaves of the trie under `root` from `origin` to the last of them. */
export interface RangeClaim {
  /** 32 bytes. */
  root: Uint8Array
  /** The first key that was asked for; `leaves.keySize` bytes. */
  origin: Uint8Array
  /** Values as the trie holds them: full account RLP, or the RLP of a slot's value. */
  leaves: Leaves
  /**
   * Trie nodes on the paths to `origin` and to the last key, in any order, duplicates and strangers allowed.
   * `undefined`: the peer says that `leaves` are the whole trie. An empty list is a proof without nodes, and fails.
   */
  proof: readonly Uint8Array[] | undefined
}

/** Computes the root of a trie from its leaves, which arrive in ascending order in batches of any size. */
export interface RootBuilder {
  /**
   * Takes the next leaves; each key must be greater than all before it.
   * @throws {LeafOrderError} when it is not, or a value is empty
   */
  add(leaves: Leaves): void
  /** Ends the building and returns the 32-byte root; of no leaves, the root of the empty trie. */
  root(): Uint8Array
}

/** Hashing and proving. Three implementations, one behaviour, one test suite; an instance serves one thread. */
export interface Verifier {
  readonly build: VerifierBuild
  /** Keccak-256 of one input: 32 bytes. */
  keccak256(input: Uint8Array): Uint8Array
  /** Keccak-256 of many inputs: their digests one after the other, 32 bytes each, in the order of the inputs. */
  keccak256Batch(inputs: readonly Uint8Array[]): Uint8Array
  /**
   * Proves a range.
   * @returns whether the trie has leaves to the right of the last one (of `origin`, where there are no leaves)
   * @throws {RangeProofError} when the claim does not hold
   */
  verifyRange(claim: RangeClaim): boolean
  rootBuilder(): RootBuilder
}
