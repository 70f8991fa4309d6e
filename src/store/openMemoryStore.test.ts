import { stateStoreSuite } from '../../test/suites/store/stateStore.suite.ts'
import { MemoryBackend } from './backend/MemoryBackend.ts'
import { openMemoryStore } from './openMemoryStore.ts'

stateStoreSuite(
  'memory',
  async () => {
    const backend = new MemoryBackend()
    return {
      open: () => openMemoryStore(backend),
      backend: async () => backend,
      destroy: async () => undefined,
    }
  },
  60,
)
