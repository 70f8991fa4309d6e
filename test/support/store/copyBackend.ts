import { MemoryBackend } from '../../../src/store/backend/MemoryBackend.ts'
import { STORE_TABLES, type StoreBackend } from '../../../src/store/backend/StoreBackend.ts'

/** A database of its own with the same records. */
export async function copyBackend(backend: StoreBackend): Promise<MemoryBackend> {
  const copy = new MemoryBackend()
  await backend.transact('readonly', (from) =>
    copy.transact('readwrite', async (to) => {
      for (const table of STORE_TABLES) {
        for (const [key, value] of await from.entries(table)) to.put(table, key, value)
      }
    }),
  )
  return copy
}
