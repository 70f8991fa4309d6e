import { deleteDB } from 'idb'
import { databaseName } from '../../../src/store/databaseName.ts'
import { openIndexedDbStore } from '../../../src/store/IndexedDbStore.ts'
import { gethSyncScenarios } from '../../../src/sync/scenarios/gethSync.suite.ts'

const identity = { chainId: 1, genesisHash: new Uint8Array(32) }
let databases = 0

gethSyncScenarios('into IndexedDB', async () => {
  const name = `scenario ${databases++}`
  const store = await openIndexedDbStore({ identity, name })
  const destroy = async () => {
    await store.close()
    await deleteDB(databaseName(identity, name))
  }
  return { store, destroy }
})
