import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FollowedChain } from '../../test/support/client/FollowedChain.ts'
import { servedStates } from '../../test/support/peers/servedStates.ts'
import { StateTruth } from '../../test/support/sync/StateTruth.ts'
import { fromHex } from '../base/bytes/hex.ts'
import { createStateSync } from '../client/createStateSync.ts'
import type { StateSyncEvents, StateSyncHandle } from '../client/StateSyncHandle.ts'
import type { StateSyncOptions } from '../client/StateSyncOptions.ts'
import { leafKey } from '../leaves/Leaves.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import { openIndexedDbStore } from '../store/openIndexedDbStore.ts'
import { statePeers } from '../testing/statePeers.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'

const genesisHash = `0x${'11'.repeat(32)}` as const
const entries = [...syntheticAccounts({ seed: 71, accounts: 60, contracts: 0.3, maxSlots: 8 })]
const before = new StateTruth(entries)
/** A plain account is another: a heal touches nothing else. */
const plain = entries.findIndex(({ storage, code }) => storage.length === 0 && code.length === 0)
const after = new StateTruth(
  entries.map((entry, index) => (index === plain ? { ...entry, nonce: 77n } : entry)),
)
const peer = servedStates(before, after)

let databases = 0
let name: string
const handles: StateSyncHandle[] = []

async function open(options: Partial<StateSyncOptions>): Promise<StateSyncHandle> {
  const handle = await createStateSync({
    ...{ chain: { id: 1, genesisHash }, trust: before.state.stateRoot, store: { name } },
    peers: statePeers([peer]),
    ...options,
  })
  handles.push(handle)
  return handle
}

function next<Name extends keyof StateSyncEvents>(
  handle: StateSyncHandle,
  name: Name,
): Promise<StateSyncEvents[Name]> {
  return new Promise((resolve) => {
    handle.addEventListener(name, ({ detail }) => resolve(detail), { once: true })
  })
}

beforeEach(() => {
  name = `engine-idle-${databases++}`
})
afterEach(async () => {
  for (const handle of handles.splice(0)) await handle.close()
})

/** Syncs the first state, and closes. */
async function completed(): Promise<void> {
  const first = await open({})
  await first.start()
  await first.ready()
  await first.close()
}

/** Puts another value in the place of the first slot, behind everybody. */
async function damageSlot(): Promise<void> {
  const identity = { chainId: 1, genesisHash: fromHex(genesisHash, 'hash', 32) }
  const store = await openIndexedDbStore({ identity, name })
  for await (const slots of store.working.slots()) {
    await store.commit({ slots: packLeaves([[leafKey(slots, 0), Uint8Array.of(1)]], 64) })
    break
  }
  await store.close()
}

describe('after a heal', () => {
  it('the rest of the state is audited, which is told', async () => {
    await completed()
    const sync = await open({ trust: after.state.stateRoot })
    const audited = next(sync, 'audited')
    await sync.start()
    await sync.ready()
    const { accounts, slots, codes } = await audited
    expect([accounts, slots, codes]).toEqual([60, after.slots.size, after.codes.size])
  })

  it('a slot of a contract that was not touched, damaged between two roots, is found', async () => {
    await completed()
    await damageSlot()
    const sync = await open({ trust: after.state.stateRoot })
    const fault = new Promise((resolve) => {
      // Node 20 has no Web Locks, which is a fault of its own.
      sync.addEventListener('fault', ({ detail }) => detail.code !== 'PLATFORM' && resolve(detail))
    })
    const completes: string[] = []
    sync.addEventListener('status', ({ detail }) => completes.push(detail.status))
    await sync.start()
    // The heal itself does not look at it.
    await sync.ready()
    expect(await fault).toMatchObject({ code: 'AUDIT' })
    expect([completes[1], completes.at(-1)]).toEqual(['complete', 'failed'])
    await expect(sync.getAccount(entries[0]!.name)).rejects.toMatchObject({
      code: 'STATE_INCOMPLETE',
    })
    await sync.start()
    await sync.ready()
    await sync.audit()
  })

  it('it goes on between the blocks that are followed, and begins anew with each', async () => {
    const chain = new FollowedChain({ seed: 5, accounts: 40, changes: { accounts: [2, 4] } })
    const sync = await open({
      ...{ trust: chain.stream(), peers: statePeers([chain.handler]) },
      ...{ pivotDistance: 0, maxPivotAge: 5 },
    })
    const roots: string[] = []
    sync.addEventListener('audited', ({ detail }) => roots.push(detail.root))
    const first = next(sync, 'commit')
    chain.tell()
    await sync.start()
    await first
    for (let block = 0; block < 3; block++) {
      const audited = next(sync, 'audited')
      const { stateRoot } = chain.advance()
      expect((await audited).root).toBe(stateRoot)
    }
    expect(sync.status).toBe('following')
    // A download has verified everything.
    expect(roots).toHaveLength(3)
  })
})
