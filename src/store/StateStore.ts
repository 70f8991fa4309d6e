import type { Leaves } from '../leaves/Leaves.ts'
import type { LeafPages } from '../trie/derived/LeafPages.ts'
import type { KeyRange } from './KeyRange.ts'

/** What is written in one transaction: all of it or nothing. */
export interface StoreBatch {
  /**
   * Accounts to remove, before `accounts` are put: a leaf under both stays. In any order; each costs reading the pages
   * in it. Keys: account hashes (32 bytes).
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
}

/** How much is stored. */
export interface StoreTotals {
  accounts: number
  slots: number
  codes: number
  /** Keys and values of leaves and codes, without the database's overhead. */
  bytes: number
}

/**
 * The state on disk: two ordered leaf tables (accounts, slots), code by hash, and a journal of small records that
 * changes in the same transaction as the leaves it speaks of.
 *
 * Every method rejects with a `StoreError`: `StoreQuotaError` (nothing of the batch was written), `StoreClosedError`
 * (closed here, or deleted or upgraded by somebody else), `StoreCorruptError` (what was read cannot be decoded).
 */
export interface StateStore {
  /** Writes a batch atomically. A leaf replaces the one with the same key. Concurrent calls are applied in order. */
  commit(batch: StoreBatch): Promise<void>
  /** The slim account RLP, or `undefined`. `accountHash`: 32 bytes. */
  getAccount(accountHash: Uint8Array): Promise<Uint8Array | undefined>
  /** The RLP of the slot's value, or `undefined`. */
  getSlot(accountHash: Uint8Array, slotHash: Uint8Array): Promise<Uint8Array | undefined>
  getCode(codeHash: Uint8Array): Promise<Uint8Array | undefined>
  hasCode(codeHash: Uint8Array): Promise<boolean>
  /** All accounts in ascending order, in batches of one page. A commit while iterating may or may not be seen. */
  accounts(): AsyncIterable<Leaves>
  /** The slots of all accounts in ascending order (64-byte keys), in batches of one page. */
  slots(): AsyncIterable<Leaves>
  /** All journal records. */
  journal(): Promise<Map<string, Uint8Array>>
  totals(): Promise<StoreTotals>
  /** Removes everything that was stored, in one transaction. */
  clear(): Promise<void>
  /** Waits for running commits, then frees the store; idempotent. Every later call rejects with `StoreClosedError`. */
  close(): Promise<void>
}

/**
 * A store whose tries can be derived node by node, see `DerivedTrie`. They show what was committed here at once, and what
 * another store over the same database committed when this one looks into it next.
 */
export interface TrieStore extends StateStore {
  /** The account trie. Reading rejects with an `AccountEncodingError` where a value is no slim account. */
  accountPages(): LeafPages
  /** The storage trie of an account. `accountHash`: 32 bytes. */
  slotPages(accountHash: Uint8Array): LeafPages
}

/** Which state a store holds: stores of different chains never share a database. */
export interface StoreIdentity {
  chainId: number
  /** 32 bytes that tell this chain from others with the same id: the hash of the genesis block. */
  genesisHash: Uint8Array
}
