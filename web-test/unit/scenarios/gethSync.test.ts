import { deleteDB } from 'idb'
import { databaseName } from '../../../src/store/databaseName.ts'
import { openIndexedDbStore } from '../../../src/store/openIndexedDbStore.ts'
import { gethSyncScenarios } from '../../../test/scenarios/gethSync.suite.ts'

const identity = { chainId: 1, genesisHash: new Uint8Array(32) }
let databases = 0

const open = async () => {
  const name = `scenario ${databases++}`
  const store = await openIndexedDbStore({ identity, name })
  const destroy = async () => {
    await store.close()
    await deleteDB(databaseName(identity, name))
  }
  return { store, destroy }
}

// A tenth of the contracts: they share their slots, so that the others would be more copies of the
// same in the database.
gethSyncScenarios('into IndexedDB', open, 0.1)
