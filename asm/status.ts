import { STATUS_DONE, STATUS_EMPTY_VALUE, STATUS_MORE, STATUS_UNREAD } from './layout'

/**
 * What a call found. Faults are negative: `-1 - fault` is the fault's place in `RANGE_PROOF_FAULTS`
 * (src/verifier/errors.ts), from which the host takes its words.
 */
export const enum Status {
  Done = STATUS_DONE,
  /** The range holds, and the trie has leaves to the right of it. */
  More = STATUS_MORE,
  NotAscending = -1,
  EmptyValue = STATUS_EMPTY_VALUE,
  WrongRoot = -6,
  NodeMissing = -7,
  BadNode = -8,
  MoreEntries = -9,
  BeforeOrigin = -10,
  /**
   * An answer is not what snap/1 sends, or has nothing in it. The host finds out what, and the
   * words for it.
   */
  Unread = STATUS_UNREAD,
}
