/**
 * What a call found. Faults are negative: `-1 - fault` is the fault's place in `RANGE_PROOF_FAULTS`
 * (src/verifier/errors.ts), from which the host takes its words.
 */
export const enum Status {
  Done = 0,
  /** The range holds, and the trie has leaves to the right of it. */
  More = 1,
  NotAscending = -1,
  EmptyValue = -3,
  WrongRoot = -6,
  NodeMissing = -7,
  BadNode = -8,
  MoreEntries = -9,
  BeforeOrigin = -10,
  /** An answer is not what snap/1 sends, or has nothing in it. The host finds out what, and the words for it. */
  Unread = -11,
}
