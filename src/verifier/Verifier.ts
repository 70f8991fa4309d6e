import type { FoundContract } from '../account/FoundContract.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import type { Hasher } from '../trie/Hasher.ts'

/**
 * Which implementation runs: wasm with two Keccak states at once, wasm without SIMD, or JavaScript.
 */
export type VerifierBuild = 'simd' | 'plain' | 'js'

/**
 * What a peer claims: that `leaves` are all leaves of the trie under `root` from `origin` to the
 * last of them.
 */
export interface RangeClaim {
  /** 32 bytes. */
  root: Uint8Array
  /** The first key that was asked for; `leaves.keySize` bytes. */
  origin: Uint8Array
  /** Values as the trie holds them: full account RLP, or the RLP of a slot's value. */
  leaves: Leaves
  /**
   * Trie nodes on the paths to `origin` and to the last key, in any order, duplicates and strangers
   * allowed. `undefined`: the peer says that `leaves` are the whole trie. An empty list is a proof
   * without nodes, and fails.
   */
  proof: readonly Uint8Array[] | undefined
}

/** What follows the id in an answer of snap/1, and the bytes that it lies in. */
export interface AnswerBytes {
  readonly frame: Uint8Array
  /** Where the first list begins; the last ends with the frame. */
  readonly fieldsAt: number
}

/** What an answer with accounts must hold. All have 32 bytes. */
export interface AccountsClaim {
  /** State root. */
  root: Uint8Array
  /** The first account hash that was asked for. */
  origin: Uint8Array
  /** The last: accounts behind it are not kept. A server may send one. */
  last: Uint8Array
}

/** Accounts of an answer that was proven. */
export interface VerifiedAccounts {
  /** Those that are kept. Values: slim account RLP. */
  accounts: Leaves
  /** The last of the answer, kept or not; `undefined` where it has none. */
  lastKey: Uint8Array | undefined
  /** Whether the trie has accounts behind it. */
  more: boolean
  /** Of those that are kept. */
  contracts: readonly FoundContract[]
}

/** What an answer with slots must hold. All have 32 bytes. */
export interface SlotsClaim {
  /** Who was asked for, in this order. */
  contracts: readonly { accountHash: Uint8Array; storageRoot: Uint8Array }[]
  /** Of one contract a part: its first slot hash, and the last, behind which slots are not kept. */
  chunk: { first: Uint8Array; last: Uint8Array } | undefined
}

/** Slots of an answer that was proven. */
export interface VerifiedSlots {
  /** Those that are kept. Keys: account hash ‖ slot hash; values: the RLP of the slot's value. */
  slots: Leaves
  /**
   * To how many of the contracts the answer goes: the last may have more slots, those before it are
   * whole.
   */
  contracts: number
  /**
   * Of the last contract: how many slots came, the hash of the last of them, and whether there are
   * more behind it.
   */
  lastCount: number
  lastKey: Uint8Array | undefined
  more: boolean
}

/**
 * Computes the root of a trie from its leaves, which arrive in ascending order in batches of any
 * size.
 */
export interface RootBuilder {
  /**
   * Takes the next leaves; each key must be greater than all before it.
   * @throws {LeafOrderError} when it is not, or a value is empty
   */
  add(leaves: Leaves): void
  /** Ends the building and returns the 32-byte root; of no leaves, the root of the empty trie. */
  root(): Uint8Array
}

/**
 * Hashing and proving. Three implementations, one behaviour, one test suite; an instance serves one
 * thread.
 */
export interface Verifier extends Hasher {
  readonly build: VerifierBuild
  /**
   * Proves a range.
   * @returns whether the trie has leaves to the right of the last one (of `origin`, where there are
   *   no leaves)
   * @throws {RangeProofError} when the claim does not hold
   */
  verifyRange(claim: RangeClaim): boolean
  /**
   * Reads and proves an answer with accounts, in one go and without an object for each. Takes its
   * frame over: what is proven lies in it then, keys and values over the answer that they were a
   * part of. A frame that is not proven stays as it is.
   * @returns `undefined` where this build cannot, or anything about the answer is not as it should
   *   be: who asks must decode it then, and finds out what (`verifyAccounts`)
   */
  readAccounts(answer: AnswerBytes, claim: AccountsClaim): VerifiedAccounts | undefined
  /**
   * The same for slots of one or many contracts (`verifySlots`), as copies: their keys are longer
   * than in the frame.
   */
  readSlots(answer: AnswerBytes, claim: SlotsClaim): VerifiedSlots | undefined
  rootBuilder(): RootBuilder
  /**
   * Storage roots of several accounts, from all of their slots: most have a few, and are hashed
   * together.
   *
   * @param slots keys: account hash ‖ slot hash; of each account a run of slots
   * @param counts slots of each account, in order; all of `slots` together, and none of them 0
   * @returns 32 bytes for each account
   * @throws {LeafOrderError} when keys do not ascend, or a value is empty
   */
  storageRoots(slots: Leaves, counts: readonly number[]): Uint8Array
}
