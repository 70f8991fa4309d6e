import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import {
  STORE_TABLES,
  type StoreBackend,
  type StoreTable,
  type StoreTransaction,
} from './StoreBackend.ts'

/**
 * A database that lasts as long as this object. Several stores may use it, one after the other or
 * at once.
 */
export class MemoryBackend implements StoreBackend {
  /** Keys are hexadecimal, whose order is that of the bytes. */
  readonly #tables = new Map(STORE_TABLES.map((table) => [table, new Map<string, Uint8Array>()]))
  #last: Promise<unknown> = Promise.resolve()

  /**
   * Readers wait in the same queue as writers, which spares them from seeing a half-written
   * transaction.
   */
  transact<Result>(
    _mode: 'readonly' | 'readwrite',
    work: (transaction: StoreTransaction) => Promise<Result>,
    tables: readonly StoreTable[] = STORE_TABLES,
  ): Promise<Result> {
    const result = this.#last.then(async () => {
      const writes: (() => void)[] = []
      const value = await work(this.#transaction(writes, tables))
      for (const write of writes) write()
      return value
    })
    this.#last = result.catch(() => undefined)
    return result
  }

  /** Nothing is held that must be let go: what was written stays for the next store. */
  close(): void {}

  /** Reads at once, and leaves its writes for the end. */
  #transaction(writes: (() => void)[], tables: readonly StoreTable[]): StoreTransaction {
    const records = (table: StoreTable) => {
      if (!tables.includes(table)) throw new Error(`the transaction is not over ${table}`)
      return this.#tables.get(table)!
    }
    const sortedKeys = (table: StoreTable) => [...records(table).keys()].sort()
    return {
      get: async (table, key) => records(table).get(bytesToHex(key))?.slice(),
      has: async (table, key) => records(table).has(bytesToHex(key)),
      keys: async (table) => sortedKeys(table).map(hexToBytes),
      entries: async (table) =>
        sortedKeys(table).map((key) => [hexToBytes(key), records(table).get(key)!.slice()]),
      put: (table, key, value) => {
        const copy = value.slice()
        writes.push(() => records(table).set(bytesToHex(key), copy))
      },
      delete: (table, key) => writes.push(() => records(table).delete(bytesToHex(key))),
      clear: (table) => writes.push(() => records(table).clear()),
    }
  }
}
