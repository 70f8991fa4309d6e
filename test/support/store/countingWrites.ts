import type { StoreTransaction } from '../../../src/store/backend/StoreBackend.ts'

/**
 * The same transaction, with `onWrite` called before every write; what it throws is in the write's
 * place.
 */
export function countingWrites(
  transaction: StoreTransaction,
  onWrite: () => void,
): StoreTransaction {
  return {
    get: (table, key) => transaction.get(table, key),
    has: (table, key) => transaction.has(table, key),
    keys: (table) => transaction.keys(table),
    entries: (table) => transaction.entries(table),
    put: (table, key, value) => {
      onWrite()
      transaction.put(table, key, value)
    },
    delete: (table, key) => {
      onWrite()
      transaction.delete(table, key)
    },
    clear: (table) => transaction.clear(table),
  }
}
