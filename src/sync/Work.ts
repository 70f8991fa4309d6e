import type { SnapClient } from '../snap/SnapClient.ts'
import type { StoreBatch } from '../store/StateStore.ts'

/** The kinds of request; a peer has at most one of each in flight. */
export type WorkKind = 'accounts' | 'storage' | 'codes'

/**
 * One kind of request: how the next one is chosen, sent, its answer proven, and how it is given back. The run loop knows
 * no more of it than this, so that every further kind is one more implementation.
 *
 * A request is in flight from `assign` until `accept` or `revert`, exactly one of them.
 */
export interface Work<Request, Answer> {
  readonly kind: WorkKind
  /** Takes the next piece of work, for an answer of about `bytes` bytes, or `undefined` where nothing is open. */
  assign(bytes: number): Request | undefined
  send(client: SnapClient, request: Request): Promise<Answer>
  /**
   * Proves an answer, moves the tasks on, and returns what must be written for them; `undefined` where the peer has nothing
   * to give (the request is then given back).
   * @throws {CambiumError} when the answer does not hold; nothing was changed then, and the request must be reverted
   */
  accept(request: Request, answer: Answer): StoreBatch | undefined | Promise<StoreBatch | undefined>
  /** Gives the work back. */
  revert(request: Request): void
}
