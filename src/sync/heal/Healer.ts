import type { SyncPhase } from '../loop/RunLoop.ts'
import type { HealingCounts } from '../progress/Progress.ts'
import type { HealCounts } from './HealCounts.ts'

/** How far a healer is. */
export interface HealProgress {
  /**
   * The part of the account key space that is known to equal the state; from 0 to 1, never falling.
   */
  fraction: number
  healed: Readonly<HealCounts>
  healing: HealingCounts
}

/**
 * The phase that makes any stored state the one under a root. `TrieHealer` does
 * it with the trie nodes of snap/1; block access lists, which replace these in snap/2, fit behind
 * the same face.
 *
 * `rest` gives what was healed and not given out yet, however little (geth's
 * `commitHealer(force)`). Batches, those of `works` and of `rest`, are written in the order in
 * which they are given out. A healer can end at any time. The next one begins when all batches of
 * the one before are written, or will never be, and knows the incomplete accounts from the journal
 * if one of them was not.
 *
 * @example
 * while (healer.pending > 0) {
 *   // for a free peer: work.assign, work.send, then work.accept or work.revert; and write what accept gives
 * }
 * const last = healer.rest()
 * if (last !== undefined) await store.commit(last)
 */
export interface Healer extends SyncPhase {
  /**
   * What is missing, and what waits for it; the stored state is right when this is 0 and everything
   * is written.
   */
  readonly pending: number
  readonly progress: HealProgress
  /**
   * Hashes in hexadecimal, without prefix, of the accounts whose leaf, storage or code was written:
   * what is to be checked.
   */
  readonly touched: ReadonlySet<string>
}
