/** The tables of a store, each a map from bytes to bytes in ascending order of its keys. */
export const STORE_TABLES = ['accounts', 'slots', 'codes', 'journal', 'meta'] as const

export type StoreTable = (typeof STORE_TABLES)[number]

/**
 * One transaction of a `StoreBackend`. Whether a read sees what the same transaction wrote before
 * is left open: read a record first, then write it.
 */
export interface StoreTransaction {
  get(table: StoreTable, key: Uint8Array): Promise<Uint8Array | undefined>
  has(table: StoreTable, key: Uint8Array): Promise<boolean>
  /** All keys of a table, ascending. */
  keys(table: StoreTable): Promise<Uint8Array[]>
  /** All records of a table, in ascending order of their keys. */
  entries(table: StoreTable): Promise<[key: Uint8Array, value: Uint8Array][]>
  /** Copies the value. A write that fails makes the transaction fail. */
  put(table: StoreTable, key: Uint8Array, value: Uint8Array): void
  delete(table: StoreTable, key: Uint8Array): void
  clear(table: StoreTable): void
}

/**
 * The little that a store asks of a database: ordered tables of bytes and transactions over them.
 */
export interface StoreBackend {
  /**
   * Runs `work` in one transaction, and resolves with what it returns when all it wrote is in the
   * database. When it throws, or a write fails, nothing was written.
   *
   * Transactions that write run one after the other, in the order of the calls; one that reads sees
   * what all before it wrote, and nothing of those after it. `work` waits for nothing but its own
   * transaction.
   *
   * @param tables that `work` uses: it need not wait for transactions over others. Default: all
   * @throws {StoreError} the error of `work`, `StoreQuotaError`, `StoreClosedError`,
   *   `StoreFailedError`
   */
  transact<Result>(
    mode: 'readonly' | 'readwrite',
    work: (transaction: StoreTransaction) => Promise<Result>,
    tables?: readonly StoreTable[],
  ): Promise<Result>
  /** Frees the database after the transactions that are running. */
  close(): void
}
