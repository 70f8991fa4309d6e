import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { StoreClosedReason } from '../errors.ts'
import {
  StoreBlockedError,
  StoreQuotaError,
  StoreUnavailableError,
  StoreVersionError,
} from '../errors.ts'
import { STORE_TABLES, type StoreTable } from './StoreBackend.ts'

/** Every table is an object store with keys outside of its values. */
export type StoreSchema = DBSchema & Record<StoreTable, { key: Uint8Array; value: Uint8Array }>

/**
 * The IndexedDB version of the object stores and of the records in them. From 2 on, pages carry a
 * generation.
 */
export const SCHEMA_VERSION = 2

/**
 * Waits before an open that failed is tried again, in ms: 7.75 s in all. Chromium cannot open files
 * that a killed process still holds, and Safari none while its storage process starts again.
 */
const RETRY_MS = [50, 200, 500, 1_000, 2_000, 4_000]

export interface OpenedDatabase {
  database: IDBPDatabase<StoreSchema>
  /** Whether there was no such database before. */
  isNew: boolean
  /** Attempts that failed before. */
  failures: number
}

/**
 * Opens a database of the store's schema, and makes it if it does not exist. One of version 1 is
 * emptied: no release wrote any, and its contents can be fetched again.
 *
 * When another tab upgrades or deletes the database, the connection closes at once, because that
 * tab waits for it. Running transactions end first.
 *
 * The browser's own failures (`UnknownError`, `AbortError`) are tried again, with growing waits.
 *
 * @param name of the database
 * @param onLost is called when the connection was closed by somebody else
 * @param version that it shall have; others than the default are for upgrades yet to come
 * @throws {StoreVersionError} when the database is newer; it is left as it is
 * @throws {StoreBlockedError} when an older one must be upgraded, and another tab does not close it
 * @throws {StoreQuotaError} when there is no space left to open it
 * @throws {StoreUnavailableError} when there is no IndexedDB, it must not be used, or it fails each
 *   time
 */
export async function openDatabase(
  name: string,
  onLost: (reason: StoreClosedReason) => void,
  version = SCHEMA_VERSION,
): Promise<OpenedDatabase> {
  for (let failures = 0; ; failures++) {
    try {
      return { ...(await openOnce(name, onLost, version)), failures }
    } catch (error) {
      const wait = RETRY_MS[failures]
      if (wait === undefined || !isBrowserFailure(error))
        throw await translate(error, name, version)
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

/**
 * Whether the browser failed for a reason of its own, and may do better with another connection.
 */
export function isBrowserFailure(error: unknown): boolean {
  return /^(UnknownError|AbortError)$/.test((error as Error)?.name)
}

function openOnce(
  name: string,
  onLost: (reason: StoreClosedReason) => void,
  version: number,
): Promise<Omit<OpenedDatabase, 'failures'>> {
  return new Promise((resolve, reject) => {
    let blocked = false
    let isNew = false
    const opening = openDB<StoreSchema>(name, version, {
      upgrade(database, oldVersion) {
        isNew = oldVersion === 0
        if (oldVersion >= 2) return
        for (const table of [...database.objectStoreNames]) database.deleteObjectStore(table)
        for (const table of STORE_TABLES) database.createObjectStore(table)
      },
      blocked(heldVersion) {
        blocked = true
        reject(new StoreBlockedError(name, heldVersion, version))
      },
      blocking(_held, wantedVersion, event) {
        ;(event.target as IDBDatabase).close()
        onLost(wantedVersion === null ? 'deleted' : 'upgraded')
      },
      terminated: () => onLost('terminated'),
    })
    opening.then((database) => {
      // The other tab closed the database after the caller was told that it does not.
      if (blocked) database.close()
      resolve({ database, isNew })
    }, reject)
  })
}

async function translate(error: unknown, name: string, version: number): Promise<unknown> {
  if (error instanceof StoreBlockedError) return error
  const cause = (error as Error).name
  if (cause === 'VersionError') {
    const existing = await openDB(name)
    existing.close()
    return new StoreVersionError(name, existing.version, version)
  }
  if (cause === 'QuotaExceededError') return new StoreQuotaError(error)
  return new StoreUnavailableError(error)
}
