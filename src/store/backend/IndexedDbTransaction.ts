import type { IDBPObjectStore, IDBPTransaction } from 'idb'
import { StoreCorruptError } from '../errors.ts'
import type { StoreSchema } from './openDatabase.ts'
import type { StoreTable, StoreTransaction } from './StoreBackend.ts'

type Mode = 'readonly' | 'readwrite'
type Transaction = IDBPTransaction<StoreSchema, readonly StoreTable[], Mode>
type ObjectStore = IDBPObjectStore<StoreSchema, readonly StoreTable[], StoreTable, 'readwrite'>

/** A transaction in IndexedDB. A write that fails aborts it, which is where its reason is told. */
export class IndexedDbTransaction implements StoreTransaction {
  readonly #transaction: Transaction

  constructor(transaction: Transaction) {
    this.#transaction = transaction
  }

  async get(table: StoreTable, key: Uint8Array): Promise<Uint8Array | undefined> {
    const value: unknown = await this.#store(table).get(key)
    return value === undefined ? undefined : valueBytes(value, table)
  }

  async has(table: StoreTable, key: Uint8Array): Promise<boolean> {
    return (await this.#store(table).getKey(key)) !== undefined
  }

  async keys(table: StoreTable): Promise<Uint8Array[]> {
    const keys: unknown[] = await this.#store(table).getAllKeys()
    return keys.map((key) => keyBytes(key, table))
  }

  async entries(table: StoreTable): Promise<[key: Uint8Array, value: Uint8Array][]> {
    const [keys, values] = await Promise.all([this.keys(table), this.#store(table).getAll()])
    return keys.map((key, index) => [key, valueBytes(values[index], table)])
  }

  put(table: StoreTable, key: Uint8Array, value: Uint8Array): void {
    // A view would be stored with all of the buffer that it looks into: a code with the response
    // that brought it.
    const isView = value.byteLength < value.buffer.byteLength
    this.#store(table)
      .put(isView ? value.slice() : value, key)
      .catch(told)
  }

  delete(table: StoreTable, key: Uint8Array): void {
    this.#store(table).delete(key).catch(told)
  }

  clear(table: StoreTable): void {
    this.#store(table).clear().catch(told)
  }

  #store(table: StoreTable): ObjectStore {
    return this.#transaction.objectStore(table) as ObjectStore
  }
}

function told(): void {}

function keyBytes(key: unknown, table: StoreTable): Uint8Array {
  if (key instanceof ArrayBuffer) return new Uint8Array(key)
  throw new StoreCorruptError(`table ${table} has the key ${String(key)}`)
}

function valueBytes(value: unknown, table: StoreTable): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new StoreCorruptError(`table ${table} has a record that is no bytes: ${String(value)}`)
}
