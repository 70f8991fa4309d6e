import 'fake-indexeddb/auto'
import { deleteDB } from 'idb'
import { stateStoreSuite } from '../../test/suites/store/stateStore.suite.ts'
import { hashKey } from '../../test/support/store/makeLeaves.ts'
import { IndexedDbBackend } from './backend/IndexedDbBackend.ts'
import { databaseName } from './databaseName.ts'
import { openIndexedDbStore } from './openIndexedDbStore.ts'

let databases = 0

// A quick look at the code over a simulation; what counts is the same suite in a browser.
stateStoreSuite(
  'simulated IndexedDB',
  async () => {
    const name = `test ${databases++}`
    const identity = { chainId: 1, genesisHash: hashKey('genesis') }
    return {
      open: () => openIndexedDbStore({ identity, name }),
      backend: () => IndexedDbBackend.open(databaseName(identity, name)),
      destroy: () => deleteDB(databaseName(identity, name)),
    }
  },
  10,
)
