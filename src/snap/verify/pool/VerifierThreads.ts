import type {
  AccountsClaim,
  SlotsClaim,
  VerifiedAccounts,
  VerifiedSlots,
} from '../../../verifier/Verifier.ts'
import type { AnswerFrame } from '../../AnswerFrame.ts'
import type { AccountRange, StorageRanges } from '../../SnapMessage.ts'

/**
 * Other threads that prove answers.
 *
 * Each method gives an answer away at once, where a thread has room for it, and leaves the answer
 * itself untouched. Only what was verified comes back: for any other reason (the answer is empty or
 * false, or its thread died) the promise resolves with `undefined`, and who asked must prove it
 * itself, and finds out what is wrong with it. It never rejects.
 */
export interface VerifierThreads {
  /** Whether a thread would take an answer now. */
  readonly hasRoom: boolean
  /**
   * @returns `undefined` where no thread has room, or there is none: who asked proves it in its
   *   turn
   */
  accounts(
    answer: AnswerFrame<AccountRange>,
    claim: AccountsClaim,
  ): Promise<VerifiedAccounts | undefined> | undefined
  /** The same for slots. */
  slots(
    answer: AnswerFrame<StorageRanges>,
    claim: SlotsClaim,
  ): Promise<VerifiedSlots | undefined> | undefined
}
