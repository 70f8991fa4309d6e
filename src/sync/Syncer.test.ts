import { describe, expect, it } from 'vitest'
import { memoryState } from '../bridge/sources/memoryState.ts'
import { fromHex } from '../bytes/hex.ts'
import type { FramePipe } from '../snap/FramePipe.ts'
import { memoryPipes } from '../snap/memoryPipes.ts'
import { type SnapHandler, serveSnap } from '../snap/serveSnap.ts'
import { stateHandler } from '../snap/stateHandler.ts'
import { openMemoryStore } from '../store/MemoryStore.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { JsVerifier } from '../trie/JsVerifier.ts'
import { Syncer } from './Syncer.ts'

const state = memoryState(
  syntheticAccounts({ seed: 1, accounts: 600, contracts: 0.2, maxSlots: 3000 }),
)
const root = fromHex(state.stateRoot, 'root', 32)
const never = new AbortController().signal

async function* peersOf(...handlers: SnapHandler[]): AsyncGenerator<FramePipe> {
  for (const [index, handler] of handlers.entries()) {
    const [near, far] = memoryPipes([`peer-${index}`, 'client'])
    void serveSnap(far, handler)
    yield near
  }
}

describe('Syncer', () => {
  it('downloads a whole state from one peer', async () => {
    const store = await openMemoryStore()
    const syncer = new Syncer({ store, verifier: new JsVerifier() })
    await syncer.sync(root, peersOf(stateHandler(state.source)), never)
    const totals = await store.totals()
    expect(totals).toMatchObject({
      accounts: state.accounts,
      slots: state.slots,
      codes: state.codes,
    })
  })
})
