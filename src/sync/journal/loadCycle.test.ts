import { expect, it } from 'vitest'
import { TestPeers } from '../../../test/support/peers/TestPeers.ts'
import { storeWithHooks } from '../../../test/support/store/storeWithHooks.ts'
import { runSync } from '../../../test/support/sync/runSync.ts'
import { StateTruth } from '../../../test/support/sync/StateTruth.ts'
import { stateHandler } from '../../snap/server/stateHandler.ts'
import { MemoryBackend } from '../../store/backend/MemoryBackend.ts'
import { openMemoryStore } from '../../store/openMemoryStore.ts'
import { syntheticAccounts } from '../../testing/syntheticAccounts.ts'
import { createVerifier } from '../../verifier/createVerifier.ts'

const [plain] = syntheticAccounts({ seed: 1, accounts: 1, contracts: 0 })
const lonely = new StateTruth([{ ...plain!, hash: new Uint8Array(32).fill(0xff) }])
const full = new StateTruth(syntheticAccounts({ seed: 2, accounts: 100 }))
const peers = (truth: StateTruth) => new TestPeers({ honest: stateHandler(truth.state.source) })

it('begins anew towards another root where nothing but gaps was proven', async () => {
  const verifier = await createVerifier()
  for (const commits of [1, 8, 16]) {
    const backend = new MemoryBackend()
    let written = 0
    const store = storeWithHooks(await openMemoryStore(backend), async (batch, commit) => {
      if (written >= commits || batch.accounts?.count) throw new Error('enough')
      await commit()
      for (const [name, record] of batch.journal ?? []) {
        if (record !== undefined && name !== 'counts') written++
      }
    })
    await expect(runSync({ store, verifier }, lonely.root, peers(lonely))).rejects.toThrow('enough')
    // The target, and chunks without accounts; the last of these is the one with the account.
    const names = [...(await store.journal()).keys()]
    expect(names.filter((name) => name !== 'counts').length).toBe(written)
    expect((await store.working.totals()).bytes).toBe(0)

    const again = await openMemoryStore(backend)
    await runSync({ store: again, verifier }, full.root, peers(full))
    await full.expectStored(again.completed)
  }
})
