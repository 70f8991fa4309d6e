import type {
  AccountsClaim,
  ProvenAccounts,
  ProvenSlots,
  SlotsClaim,
} from '../../../verifier/Verifier.ts'
import type { AnswerFrame } from '../../AnswerFrame.ts'
import type { AccountRange, StorageRanges } from '../../SnapMessage.ts'

/**
 * Other threads that prove answers.
 *
 * Each method gives an answer away at once, where a thread has room for it, and leaves the answer itself untouched. Only what
 * was proven comes back: for any other reason (the answer is empty or false, or its thread died) the promise resolves with
 * `undefined`, and who asked must prove it itself, and finds out what is wrong with it. It never rejects.
 */
export interface Prover {
  /** Whether a thread would take an answer now. */
  readonly hasRoom: boolean
  /** @returns `undefined` where no thread has room, or there is none: who asked proves it in its turn */
  accounts(
    answer: AnswerFrame<AccountRange>,
    claim: AccountsClaim,
  ): Promise<ProvenAccounts | undefined> | undefined
  /** The same for slots. */
  slots(
    answer: AnswerFrame<StorageRanges>,
    claim: SlotsClaim,
  ): Promise<ProvenSlots | undefined> | undefined
}
