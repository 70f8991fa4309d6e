import type { VerifiedAccounts, VerifiedSlots } from '../../../verifier/Verifier.ts'

// What the engine and a verifier's thread say to each other. All bytes are transferred, and lie in
// few buffers.

/** To a verifier: what is to be verified. */
export interface VerifierQuestion {
  id: number
  frame: Uint8Array
  /** Of accounts: root ‖ origin ‖ last. Of slots: account hash ‖ storage root of each contract. */
  claim: Uint8Array
  /** Of slots, where a part of one contract was asked for: first ‖ last. */
  chunk: Uint8Array | undefined
}

/** `VerifiedAccounts` without an object for each contract, see `packContracts`. */
export type PackedAccounts = Omit<VerifiedAccounts, 'contracts'> & { contracts: Uint8Array }

export type VerifiedAnswer = PackedAccounts | VerifiedSlots

/** From a verifier. */
export type VerifierMessage =
  /**
   * It has loaded, and can be given answers. It holds the lock with that name, where there are
   * locks, as long as it lives.
   */
  | { type: 'ready'; lock: string | undefined }
  /** `undefined` where the answer is empty, or could not be verified. */
  | { type: 'answer'; id: number; verified: VerifiedAnswer | undefined }
  /** The verifier has failed for good. */
  | { type: 'failed'; reason: string }
