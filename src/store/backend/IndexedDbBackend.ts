import type { IDBPDatabase } from 'idb'
import {
  StoreClosedError,
  type StoreClosedReason,
  StoreError,
  StoreFailedError,
  StoreLostError,
  StoreQuotaError,
  StoreReopenedError,
} from '../errors.ts'
import { IndexedDbTransaction } from './IndexedDbTransaction.ts'
import { isBrowserFailure, openDatabase, type StoreSchema } from './openDatabase.ts'
import {
  STORE_TABLES,
  type StoreBackend,
  type StoreTable,
  type StoreTransaction,
} from './StoreBackend.ts'
import { wasStored } from './wasStored.ts'

interface Connection {
  database: IDBPDatabase<StoreSchema>
  /** Why it is closed, when somebody else closed it. */
  closed: () => StoreClosedReason | undefined
}

/**
 * A database in IndexedDB, whose transactions already run in the order that `StoreBackend` asks
 * for. When the browser ends the connection (a phone asleep, disk pressure), each operation that
 * meets that opens the database once more.
 */
export class IndexedDbBackend implements StoreBackend {
  readonly #name: string
  readonly #onFault: (fault: StoreError) => void
  #connection!: Connection
  #reopening: Promise<void> | undefined
  #lost: StoreLostError | undefined
  #closed = false

  private constructor(name: string, onFault: (fault: StoreError) => void) {
    this.#name = name
    this.#onFault = onFault
  }

  /**
   * Opens the database, or makes it.
   *
   * @param onFault is told of a `StoreReopenedError` each time that the browser ended the
   *   connection and another was opened; and of a `StoreLostError` when the database is new and was
   *   here before
   * @throws as `openDatabase` does
   */
  static async open(
    name: string,
    onFault: (fault: StoreError) => void = () => {},
  ): Promise<IndexedDbBackend> {
    const backend = new IndexedDbBackend(name, onFault)
    const { isNew, failures } = await backend.#connect()
    // A browser that repairs itself fails once and opens an empty database then.
    if ((await wasStored(name, isNew)) || (isNew && failures > 0)) onFault(new StoreLostError())
    return backend
  }

  async transact<Result>(
    mode: 'readonly' | 'readwrite',
    work: (transaction: StoreTransaction) => Promise<Result>,
    tables: readonly StoreTable[] = STORE_TABLES,
  ): Promise<Result> {
    if (this.#reopening) await this.#reopening
    if (this.#lost) throw this.#lost
    const connection = this.#connection
    try {
      return await attempt(connection, mode, work, tables)
    } catch (error) {
      if (this.#closed || !isGone(error)) throw error
      await this.#reopen(connection)
      return attempt(this.#connection, mode, work, tables)
    }
  }

  close(): void {
    this.#closed = true
    this.#connection.database.close()
  }

  async #connect() {
    let reason: StoreClosedReason | undefined
    const opened = await openDatabase(this.#name, (lost) => {
      reason ??= lost
    })
    const { database } = opened
    this.#connection = { database, closed: () => reason }
    if (this.#closed) database.close()
    return opened
  }

  /**
   * Replaces a connection; operations that failed together share one.
   * @throws {StoreLostError} when the database is empty now: what the caller knows of it holds no
   *   more
   */
  async #reopen(failed: Connection): Promise<void> {
    if (this.#lost) throw this.#lost
    if (this.#connection !== failed) return
    this.#reopening ??= (async () => {
      failed.database.close()
      if ((await this.#connect()).isNew) {
        this.#connection.database.close()
        this.#lost = new StoreLostError()
        throw this.#lost
      }
      this.#onFault(new StoreReopenedError())
    })().finally(() => {
      this.#reopening = undefined
    })
    await this.#reopening
  }
}

/** Whether another connection may do what this one failed of. */
function isGone(error: unknown): boolean {
  if (error instanceof StoreClosedError) return error.reason === 'terminated'
  if (!(error instanceof StoreFailedError)) return false
  const { cause } = error
  // Safari ends connections without the event `close`; so does Chromium before it.
  return isBrowserFailure(cause) || (cause as Error).name === 'InvalidStateError'
}

async function attempt<Result>(
  connection: Connection,
  mode: 'readonly' | 'readwrite',
  work: (transaction: StoreTransaction) => Promise<Result>,
  tables: readonly StoreTable[],
): Promise<Result> {
  const transaction = begin(connection, mode, tables)
  // `transaction.done` of idb rejects before the reason of the failure is known.
  transaction.done.catch(() => undefined)
  const ended = new Promise<void>((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(transaction.error))
  })
  ended.catch(() => undefined)
  try {
    const result = await work(new IndexedDbTransaction(transaction))
    // What was read is there; to see a transaction end that wrote nothing takes as long as another
    // read.
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
    throw storeError(connection, reason ?? error)
  }
}

function begin(
  connection: Connection,
  mode: 'readonly' | 'readwrite',
  tables: readonly StoreTable[],
) {
  try {
    // Relaxed: a power cut may take the last commits with it, and never a part of one. Leaves and
    // the cursor that passes them go together, so that the next start fetches again what is
    // missing.
    return connection.database.transaction(tables, mode, { durability: 'relaxed' })
  } catch (error) {
    throw storeError(connection, error)
  }
}

function storeError({ closed }: Connection, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const { name } = error as Error
  if (name === 'QuotaExceededError') return new StoreQuotaError(error)
  const reason = closed()
  if (reason) return new StoreClosedError(reason, { cause: error })
  return new StoreFailedError(error)
}
