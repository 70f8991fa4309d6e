import { MemoryBackend } from './backend/MemoryBackend.ts'
import { PagedStore } from './PagedStore.ts'
import type { StateStore } from './StateStore.ts'

/**
 * A store that behaves as the one in IndexedDB, and keeps everything in memory: for tests, for
 * tools in Node.
 *
 * @param backend holds what is stored; given twice, it is opened again. Default: a new one, empty
 * @example
 * const store = await openMemoryStore()
 * await store.commit({ accounts: packLeaves([[accountHash, account]]) })
 */
export async function openMemoryStore(backend = new MemoryBackend()): Promise<StateStore> {
  return new PagedStore(backend)
}
