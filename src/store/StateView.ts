import type { Leaves } from '../leaves/Leaves.ts'
import type { LeafPages } from '../trie/derived/LeafPages.ts'

/** How much is stored. */
export interface StoreTotals {
  accounts: number
  slots: number
  codes: number
  /** Keys and values of leaves and codes, without the database's overhead. */
  bytes: number
}

/**
 * One state as a store shows it: the completed one, or the one that is being fetched and healed.
 *
 * Each call is one transaction at most and sees one moment. To read several values of one completed
 * state, ask for `StateStore.completion` before and after. Rejects as the store does, see
 * `StateStore`.
 */
export interface StateView {
  /** The slim account RLP, or `undefined`. `accountHash`: 32 bytes. */
  getAccount(accountHash: Uint8Array): Promise<Uint8Array | undefined>
  /** The RLP of the slot's value, or `undefined`. */
  getSlot(accountHash: Uint8Array, slotHash: Uint8Array): Promise<Uint8Array | undefined>
  /**
   * Code is named by its hash, and so is the same in every view: it is found as soon as it is
   * stored.
   * @throws {StoreCorruptError} when what is stored has another hash
   */
  getCode(codeHash: Uint8Array): Promise<Uint8Array | undefined>
  /** Of each code whether it is stored. Does not wait for leaves that are being written. */
  hasCodes(codeHashes: readonly Uint8Array[]): Promise<boolean[]>
  /**
   * The accounts from a key on in ascending order, in batches of one page. A commit while iterating
   * may or may not be seen, a completion in the completed view as well.
   *
   * @param from 32 bytes. Default: the first key of all
   * @throws {StoreInputError} at once, when `from` has another size
   */
  accounts(from?: Uint8Array): AsyncIterable<Leaves>
  /**
   * The slots of all accounts from a key on, in the same way.
   *
   * @param from account hash ‖ slot hash (64 bytes). Default: the first key of all
   * @throws {StoreInputError} at once, when `from` has another size
   */
  slots(from?: Uint8Array): AsyncIterable<Leaves>
  /** Of the completed view: as they were at the completion, codes included. */
  totals(): Promise<StoreTotals>
  /**
   * The account trie, to be derived node by node, see `DerivedTrie`. Shows what was committed here
   * at once, and what another store over the same database committed when this one looks into it
   * next. Reading rejects with a `StoreCorruptError` when a value is no slim account.
   */
  accountPages(): LeafPages
  /** The storage trie of an account, in the same way. `accountHash`: 32 bytes. */
  slotPages(accountHash: Uint8Array): LeafPages
  /**
   * How many pages hold slots of each account; the first and the last may hold those of others,
   * too. Reads none of them.
   */
  slotPageCounts(accountHashes: readonly Uint8Array[]): Promise<number[]>
}
