import type { ProvenAccounts, ProvenSlots } from '../../../verifier/Verifier.ts'

// What the engine and a verifier's thread say to each other. All bytes are transferred, and lie in few buffers.

/** To a verifier: what is to be proven. */
export interface ProofQuestion {
  id: number
  frame: Uint8Array
  /** Of accounts: root ‖ origin ‖ last. Of slots: account hash ‖ storage root of each contract. */
  claim: Uint8Array
  /** Of slots, where a part of one contract was asked for: first ‖ last. */
  chunk: Uint8Array | undefined
}

/** `ProvenAccounts` without an object for each contract, see `packContracts`. */
export type PackedAccounts = Omit<ProvenAccounts, 'contracts'> & { contracts: Uint8Array }

export type Proven = PackedAccounts | ProvenSlots

/** From a verifier. */
export type ProofMessage =
  /** It has loaded, and can be given answers. It holds the lock with that name, where there are locks, as long as it lives. */
  | { type: 'ready'; lock: string | undefined }
  /** `undefined` where the answer is empty, or could not be proven. */
  | { type: 'answer'; id: number; proven: Proven | undefined }
  /** It cannot go on. */
  | { type: 'failed'; reason: string }
