import { describe, expect, it } from 'vitest'
import { stateHandler } from '../snap/stateHandler.ts'
import { openMemoryStore } from '../store/MemoryStore.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { JsVerifier } from '../trie/JsVerifier.ts'
import { StateTruth } from './fixtures/StateTruth.ts'
import { TestPeers } from './fixtures/TestPeers.ts'
import { StateSync } from './StateSync.ts'
import { Syncer } from './Syncer.ts'

const truth = new StateTruth(syntheticAccounts({ seed: 81, accounts: 50 }))
const verifier = new JsVerifier()

describe('StateSync', () => {
  it('is done without an error when the state is complete', async () => {
    const store = await openMemoryStore()
    const peers = new TestPeers({ honest: stateHandler(truth.state.source) })
    const sync = new StateSync(new Syncer({ store, verifier }), truth.root, peers)
    expect(sync.err).toBeUndefined()
    await sync.done
    expect(sync.err).toBeUndefined()
    await truth.expectStored(store)
    await sync.cancel()
    expect(sync.err).toBeUndefined()
  })

  it('can be cancelled by several, any number of times', async () => {
    const syncer = new Syncer({ store: await openMemoryStore(), verifier })
    const sync = new StateSync(syncer, truth.root, new TestPeers())
    await Promise.all([sync.cancel(), sync.cancel()])
    await sync.cancel()
    expect(sync.err).toMatchObject({ name: 'SyncCancelledError', code: 'SYNC_CANCELLED' })
  })

  it('keeps the error of a sync that failed, and never rejects', async () => {
    const store = await openMemoryStore()
    await store.close()
    const sync = new StateSync(new Syncer({ store, verifier }), truth.root, new TestPeers())
    await sync.done
    expect(sync.err).toMatchObject({ code: 'STORE_CLOSED' })
  })
})
