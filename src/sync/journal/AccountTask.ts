import { bigIntToHash, KEY_SPACE } from '../../base/bytes/hash32.ts'
import type { PendingContract } from './PendingContract.ts'

/**
 * One chunk of the account key space. Its accounts are stored from the left up to `next`; what
 * hangs below them and is still missing is listed, so that a hash that matches never hides it.
 *
 * The task's cursor, which survives a change of the root, is the first of the pending contracts:
 * see `rewindTask`.
 */
export interface AccountTask {
  /** 0 … 15, the chunk's place in the key space. */
  readonly index: number
  /** First and last account hash of the chunk, both inclusive. */
  readonly first: Uint8Array
  readonly last: Uint8Array
  /**
   * The first account hash that is not stored yet; `undefined` once the chunk's accounts are in.
   */
  next: Uint8Array | undefined
  /** In ascending order of account hash, all before `next`. */
  pending: PendingContract[]
  /**
   * Large contracts at or after `next` with a stored part, ascending. They continue once their
   * account is fetched under the new root, as only that names their storage root.
   */
  suspended: PendingContract[]
}

/**
 * Chunks of the account key space: as many as the reference uses, so that up to 16 peers work side
 * by side.
 */
export const ACCOUNT_CHUNKS = 16

/** The tasks of a sync that has not begun: the whole key space in equal chunks. */
export function accountTasks(): AccountTask[] {
  return Array.from({ length: ACCOUNT_CHUNKS }, (_, index) => accountTask(index))
}

/** Chunk `index`, with nothing stored yet. */
export function accountTask(index: number): AccountTask {
  const size = KEY_SPACE / BigInt(ACCOUNT_CHUNKS)
  const first = bigIntToHash(BigInt(index) * size)
  const last = bigIntToHash(BigInt(index + 1) * size - 1n)
  return { index, first, last, next: first, pending: [], suspended: [] }
}

/**
 * Whether everything of the chunk is stored: accounts, storage and code (geth removes it then,
 * `cleanAccountTasks`).
 */
export function isDone(task: AccountTask): boolean {
  return task.next === undefined && task.pending.length === 0
}
