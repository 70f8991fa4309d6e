import type { Leaves } from '../leaves/Leaves.ts'
import type { KeyRange } from './KeyRange.ts'
import type { StateView, StoreTotals } from './StateView.ts'

/** What is written in one transaction, into the working state: all of it or nothing. */
export interface StoreBatch {
  /**
   * Accounts to remove, before `accounts` are put: a leaf under both stays. In any order; each
   * costs reading the pages in it. Keys: account hashes (32 bytes).
   */
  removeAccounts?: readonly KeyRange[]
  /** Slots to remove, before `slots` are put. Keys: account hash ‖ slot hash (64 bytes). */
  removeSlots?: readonly KeyRange[]
  /** Keys: account hash (32 bytes). Values: slim account RLP. */
  accounts?: Leaves
  /** Keys: account hash ‖ slot hash (64 bytes). Values: the RLP of the slot's value. */
  slots?: Leaves
  /** Contract code by its hash. */
  codes?: readonly { hash: Uint8Array; code: Uint8Array }[]
  /** Journal records to write, or to remove where the value is `undefined`. */
  journal?: ReadonlyMap<string, Uint8Array | undefined>
  /**
   * State root (32 bytes): with all of this batch in it, the working state becomes the completed
   * one.
   */
  complete?: Uint8Array
}

/** Which state is the completed one. */
export interface Completion {
  /** State root, 32 bytes. */
  root: Uint8Array
  /**
   * Drawn at random for each completion: two of one root are two, so that a reader notices what lay
   * between them.
   */
  completionId: number
}

/**
 * The state on disk: two ordered leaf tables (accounts, slots), code by hash, and a journal of
 * small records that changes in the same transaction as the leaves it speaks of.
 *
 * It holds two states at once. `completed` answers readers, and changes only as a whole, when a
 * batch completes the next; `working` is what commits change: at first it shows the completed one,
 * whose pages stay as they are, and newer ones are laid over them.
 *
 * Every method rejects with a `StoreError`: `StoreQuotaError` (nothing of the batch was written),
 * `StoreClosedError` (closed here, or deleted or upgraded by somebody else), `StoreCorruptError`
 * (what was read cannot be decoded).
 */
export interface StateStore {
  /** The state that was completed last; empty before the first completion. */
  readonly completed: StateView
  /** The state that is being fetched and healed. */
  readonly working: StateView
  /**
   * The completed state for one read, which may take several calls. `completionIds` are those of
   * the completions that the calls saw: where it is one, all that was read is of that state. It may
   * be answered from memory for a twentieth of a second after the store was looked into: what
   * another tab completes or removes meanwhile is noticed that much later.
   */
  watchCompleted(): { view: StateView; completionIds: ReadonlySet<number | undefined> }
  /**
   * Writes a batch atomically. A leaf replaces the one with the same key. Concurrent calls are
   * applied in order.
   * @returns what the working state holds now
   */
  commit(batch: StoreBatch): Promise<StoreTotals>
  /**
   * One batch with the effect of two in a row. A commit costs some ten milliseconds, however small
   * it is.
   * @returns `undefined` if the two cannot be joined
   */
  join(first: StoreBatch, second: StoreBatch): StoreBatch | undefined
  /**
   * Which state `completed` shows: `undefined` before the first completion, and after `clear`.
   * Cheap.
   */
  completion(): Promise<Completion | undefined>
  /** All journal records. */
  journal(): Promise<Map<string, Uint8Array>>
  /**
   * Takes a completed state away: nothing answers any more, and what is stored stays. Does nothing
   * if another state was completed since.
   */
  withdraw(completionId: number): Promise<void>
  /** Removes everything that was stored, of both states, in one transaction. */
  clear(): Promise<void>
  /**
   * Waits for running commits, then frees the store; idempotent. Every later call rejects with
   * `StoreClosedError`.
   */
  close(): Promise<void>
}

/** Which state a store holds: stores of different chains never share a database. */
export interface StoreIdentity {
  chainId: number
  /** 32 bytes that tell this chain from others with the same id: the hash of the genesis block. */
  genesisHash: Uint8Array
}
