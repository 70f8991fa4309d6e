import type { StoreBackend, StoreTransaction } from '../../../src/store/backend/StoreBackend.ts'

/** What a store asked of its backend in one transaction. */
export interface Watched {
  mode: 'readonly' | 'readwrite'
  /** Calls of each kind that read. */
  gets: number
  listings: number
  puts: number
  deletes: number
}

/** The same backend; each transaction is told to `see` when its work is done, before it is over. */
export function watched(backend: StoreBackend, see: (transaction: Watched) => void): StoreBackend {
  return {
    transact: (mode, work, tables) => {
      const watching = async (transaction: StoreTransaction) => {
        const seen: Watched = { mode, gets: 0, listings: 0, puts: 0, deletes: 0 }
        const told: StoreTransaction = {
          get: (table, key) => {
            seen.gets++
            return transaction.get(table, key)
          },
          has: (table, key) => {
            seen.gets++
            return transaction.has(table, key)
          },
          keys: (table) => {
            seen.listings++
            return transaction.keys(table)
          },
          entries: (table) => {
            seen.listings++
            return transaction.entries(table)
          },
          put: (table, key, value) => {
            seen.puts++
            transaction.put(table, key, value)
          },
          delete: (table, key) => {
            seen.deletes++
            transaction.delete(table, key)
          },
          clear: (table) => transaction.clear(table),
        }
        const result = await work(told)
        see(seen)
        return result
      }
      return backend.transact(mode, watching, tables)
    },
    close: () => backend.close(),
  }
}
