// What both sides of wasm memory agree on. `scripts/build-asm.mjs` copies the constants, without
// their types, to src/verifier/wasm/generated/layout.ts.

/** Bytes that Keccak-256 takes in at once. Inputs are padded in place to a multiple of them. */
export const RATE: usize = 136
/** Bytes behind the padding that may be overwritten: it is written in steps of 16. */
export const PADDING_OVERRUN: usize = 16

// Statuses that the host tells apart. Every fault of a range is `-1 -` its place in
// `RANGE_PROOF_FAULTS` (src/verifier/errors.ts).
export const STATUS_DONE: i32 = 0
/** The range holds, and the trie has leaves to the right of it. */
export const STATUS_MORE: i32 = 1
export const STATUS_EMPTY_VALUE: i32 = -3
/** An answer is not what snap/1 sends, or has nothing in it. The host finds the words for it. */
export const STATUS_UNREAD: i32 = -11

/** A range proof has at most this many nodes: two paths of at most 64 each. */
export const MAX_PROOF_NODES: u32 = 128
/**
 * Bytes of a proof node, at most. A full branch has 532, a leaf 104 and a path of at most 34, so a
 * KiB bounds a proof to 128 KiB; the number of nodes alone would let it fill the frame's 10 MiB.
 */
export const MAX_PROOF_NODE_BYTES: usize = 1024

// Where `result()` tells what was found in the answer read last; see answer.ts. Bytes.
export const RESULT_KEYS: usize = 0
export const RESULT_VALUES: usize = 4
export const RESULT_OFFSETS: usize = 8
export const RESULT_COUNT: usize = 12
export const RESULT_LAST_COUNT: usize = 16
export const RESULT_CONTRACTS: usize = 20
export const RESULT_CONTRACT_COUNT: usize = 24
export const RESULT_LAST_KEY: usize = 28
/** Bytes of the result. */
export const RESULT_SIZE: i32 = 32

// An account with storage or code, see accounts.ts. Bytes.
export const CONTRACT_INDEX: usize = 0
export const CONTRACT_FLAGS: usize = 4
export const CONTRACT_STORAGE_ROOT: usize = 8
export const CONTRACT_CODE_HASH: usize = 40
export const CONTRACT_SIZE: usize = 72
/** Flags of a contract. */
export const HAS_STORAGE: i32 = 1
export const HAS_CODE: i32 = 2

/**
 * Bytes in which `branchOf` writes a reference: its size (u8), two bytes of nothing, the reference.
 */
export const REFERENCE_SIZE: i32 = 40
/** Bytes of a claim of `readSlots`: account hash ‖ storage root. */
export const CLAIM_SIZE: usize = 64
