import type { IDBPDatabase } from 'idb'
import {
  StoreClosedError,
  type StoreClosedReason,
  StoreError,
  StoreFailedError,
  StoreQuotaError,
} from '../errors.ts'
import { IndexedDbTransaction } from './IndexedDbTransaction.ts'
import { openDatabase, type StoreSchema } from './openDatabase.ts'
import {
  STORE_TABLES,
  type StoreBackend,
  type StoreTable,
  type StoreTransaction,
} from './StoreBackend.ts'

/** A database in IndexedDB, whose transactions already run in the order that `StoreBackend` asks for. */
export class IndexedDbBackend implements StoreBackend {
  readonly #database: IDBPDatabase<StoreSchema>
  readonly #lost: () => StoreClosedReason | undefined

  private constructor(
    database: IDBPDatabase<StoreSchema>,
    lost: () => StoreClosedReason | undefined,
  ) {
    this.#database = database
    this.#lost = lost
  }

  /**
   * Opens the database, or makes it.
   * @throws as `openDatabase` does
   */
  static async open(name: string): Promise<IndexedDbBackend> {
    let lost: StoreClosedReason | undefined
    const database = await openDatabase(name, (reason) => {
      lost ??= reason
    })
    return new IndexedDbBackend(database, () => lost)
  }

  async transact<Result>(
    mode: 'readonly' | 'readwrite',
    work: (transaction: StoreTransaction) => Promise<Result>,
    tables: readonly StoreTable[] = STORE_TABLES,
  ): Promise<Result> {
    const transaction = this.#begin(mode, tables)
    // `transaction.done` of idb rejects before the reason of the failure is known.
    transaction.done.catch(() => undefined)
    const ended = new Promise<void>((resolve, reject) => {
      transaction.addEventListener('complete', () => resolve())
      transaction.addEventListener('abort', () => reject(transaction.error))
    })
    ended.catch(() => undefined)
    try {
      const result = await work(new IndexedDbTransaction(transaction))
      // What was read is there; to see a transaction end that wrote nothing takes as long as another read.
      if (mode === 'readonly') return result
      // Now, and not when the last of the writes has been heard of, which is a message more.
      transaction.commit()
      await ended
      return result
    } catch (error) {
      try {
        transaction.abort()
      } catch {
        // The browser aborted it already.
      }
      const reason = await ended.catch((reason: unknown) => reason)
      throw this.#storeError(reason ?? error)
    }
  }

  close(): void {
    this.#database.close()
  }

  #begin(mode: 'readonly' | 'readwrite', tables: readonly StoreTable[]) {
    try {
      // Relaxed: a power cut may take the last commits with it, and never a part of one. Leaves and the cursor that
      // passes them go together, so that the next start fetches again what is missing.
      return this.#database.transaction(tables, mode, { durability: 'relaxed' })
    } catch (error) {
      throw this.#storeError(error)
    }
  }

  #storeError(error: unknown): StoreError {
    if (error instanceof StoreError) return error
    const { name } = error as Error
    if (name === 'QuotaExceededError') return new StoreQuotaError(error)
    const lost = this.#lost()
    if (lost) return new StoreClosedError(lost, { cause: error })
    return new StoreFailedError(error)
  }
}
