import type { AnswerFrame } from '../../snap/AnswerFrame.ts'
import type { RequestOptions, SnapClient } from '../../snap/SnapClient.ts'
import type { ByteCodes, TrieNodes } from '../../snap/SnapMessage.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { WorkKind } from '../peers/WorkKind.ts'

/**
 * One kind of request: how the next one is chosen, sent, its answer verified, and how it is given
 * back. The run loop knows no more of it than this, so that every further kind is one more
 * implementation.
 *
 * A request is in flight from `assign` until `accept` or `revert`, exactly one of them.
 */
export interface Work<Request, Answer, Verified = never> {
  readonly kind: WorkKind
  /**
   * Takes the next piece of work, or `undefined` where nothing is open.
   * @param capacity what the peer can deliver in time: bytes of accounts or slots, or how many
   *   codes or nodes
   */
  assign(capacity: number): Request | undefined
  send(client: SnapClient, request: Request, options?: RequestOptions): Promise<Answer>
  /**
   * Lets another thread verifyEarly an answer that has come, before its turn. What comes of it is
   * for `accept`; `undefined` where no thread takes it, or where it was not verified.
   */
  verifyEarly?(request: Request, answer: Answer): Promise<Verified | undefined> | undefined
  /**
   * Proves an answer, unless that is done, moves the tasks on, and returns what must be written for
   * them; `undefined` where the peer has nothing to give (the request is then given back).
   * @throws {CambiumError} when the answer does not hold; nothing was changed then, and the request
   *   must be reverted
   */
  accept(
    request: Request,
    answer: Answer,
    verified?: Verified,
  ): StoreBatch | undefined | Promise<StoreBatch | undefined>
  /** Gives the work back. */
  revert(request: Request): void
}

/** Ranges are decoded where they are verified, in one go with that. */
export type AnyAnswer = AnswerFrame | ByteCodes | TrieNodes

/** Work of any kind, as the run loop sees it. */
export type AnyWork = Work<unknown, AnyAnswer, unknown>
