import { bytesToHex } from '@noble/hashes/utils.js'
import type { Page } from 'playwright-core'
import { vi } from 'vitest'
import { type JournalState, readJournal } from '../../src/sync/journal/Journal.ts'

export interface StoredState {
  journal: JournalState
  /** Hashes of the stored codes, in hexadecimal without prefix. */
  codes: Set<string>
}

/**
 * What is on disk at the page's origin, read past the library: the journal and the hashes of the
 * codes.
 */
export async function storedState(page: Page): Promise<StoredState> {
  // For a moment after a renderer was killed, Chromium cannot open what it is still closing: an
  // UnknownError.
  const read = (table: string) => vi.waitFor(() => readTable(page, table), { timeout: 10_000 })
  const journal = await read('journal')
  const codes = await read('codes')
  const name = (key: number[]) => new TextDecoder().decode(Uint8Array.from(key))
  return {
    journal: readJournal(
      new Map(journal.map(({ key, value }) => [name(key), Uint8Array.from(value)])),
    ),
    codes: new Set(codes.map(({ key }) => bytesToHex(Uint8Array.from(key)))),
  }
}

/** All records of one table; none where there is no database yet. */
export function readTable(
  page: Page,
  table: string,
): Promise<{ key: number[]; value: number[] }[]> {
  return page.evaluate(async (table) => {
    const done = <Value>(request: IDBRequest<Value>) =>
      new Promise<Value>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const [database] = await indexedDB.databases()
    if (database?.name === undefined) return []
    const open = await done(indexedDB.open(database.name))
    try {
      const store = open.transaction(table).objectStore(table)
      const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())])
      return keys.map((key, index) => ({
        key: [...new Uint8Array(key as ArrayBuffer)],
        value: [...(values[index] as Uint8Array)],
      }))
    } finally {
      open.close()
    }
  }, table)
}
