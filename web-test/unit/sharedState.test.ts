import { afterEach, describe, expect, it } from 'vitest'
import { fromHex } from '../../src/base/bytes/hex.ts'
import { createStateSync } from '../../src/client/createStateSync.ts'
import type { StateSyncHandle } from '../../src/client/StateSyncHandle.ts'
import { packLeaves } from '../../src/leaves/packLeaves.ts'
import { memoryState } from '../../src/served/memoryState.ts'
import type { SnapHandler } from '../../src/snap/server/serveSnap.ts'
import { stateHandler } from '../../src/snap/server/stateHandler.ts'
import { openIndexedDbStore } from '../../src/store/openIndexedDbStore.ts'
import { statePeers } from '../../src/testing/statePeers.ts'
import { syntheticAccounts } from '../../src/testing/syntheticAccounts.ts'

// Two tabs are two engines over one database: here in one page, with the browser's own locks and
// IndexedDB.

const genesisHash = `0x${'5a'.repeat(32)}` as const
const entries = [...syntheticAccounts({ seed: 5, accounts: 60, contracts: 0.3, maxSlots: 20 })]
const first = memoryState(entries)
const second = memoryState(entries.map((entry) => ({ ...entry, balance: entry.balance + 1n })))
const [{ name: address, balance }] = entries as [(typeof entries)[0]]

const handles: StateSyncHandle[] = []

async function open(state = first, handler: SnapHandler = stateHandler(state.source)) {
  const handle = await createStateSync({
    chain: { id: 5, genesisHash },
    trust: state.stateRoot,
    peers: statePeers([handler]),
  })
  handles.push(handle)
  return handle
}

async function complete(handle: StateSyncHandle): Promise<void> {
  await handle.start()
  await handle.ready()
}

afterEach(async () => {
  for (const handle of handles.splice(0)) await handle.close()
  const store = await openIndexedDbStore({ identity: { chainId: 5, genesisHash: hash() } })
  await store.clear()
  await store.close()
})

const hash = () => fromHex(genesisHash, 'hash', 32)

describe('a state that another tab changes', () => {
  it('answers nothing once another root has replaced it', async () => {
    const reader = await open(first)
    await complete(reader)
    const told: string[] = []
    reader.addEventListener('status', ({ detail }) => told.push(detail.status))
    expect((await reader.getAccount(address)).value?.balance).toBe(balance)

    const other = await open(second)
    await complete(other)
    await expect(reader.getAccount(address)).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
    expect([reader.status, ...told]).toEqual(['idle', 'idle'])
    expect((await other.getAccount(address)).value?.balance).toBe(balance + 1n)
  })

  it('answers nothing once it was removed, and not that there is no such account', async () => {
    const reader = await open()
    await complete(reader)
    await (await open()).reset()
    await expect(reader.getAccount(address)).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
  })

  it('is not removed while another tab syncs it', async () => {
    let asked = () => {}
    const reached = new Promise<void>((resolve) => {
      asked = resolve
    })
    let answer = () => {}
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    const honest = stateHandler(first.source)
    const syncing = await open(first, async (request) => {
      asked()
      await held
      return honest(request)
    })
    await syncing.start()
    await reached
    const other = await open()
    await expect(other.reset()).rejects.toMatchObject({ code: 'STATE_BUSY' })
    answer()
    await syncing.ready()
    expect((await syncing.audit()).accounts).toBe(first.accounts)
  })
})

describe('a complete state that was changed on disk', () => {
  it('fails its audit, answers nothing any more, and is fetched anew', async () => {
    const sync = await open()
    await complete(sync)
    const store = await openIndexedDbStore({ identity: { chainId: 5, genesisHash: hash() } })
    const stranger = new Uint8Array(32).fill(7)
    const account = await store.completed.getAccount(entries[0]!.hash)
    const root = fromHex(first.stateRoot, 'root', 32)
    await store.commit({ accounts: packLeaves([[stranger, account!]]), complete: root })
    await store.close()

    await expect(sync.audit()).rejects.toMatchObject({ code: 'AUDIT', name: 'AuditError' })
    expect(sync.status).toBe('failed')
    await expect(sync.getAccount(address)).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
    await complete(sync)
    expect(await sync.audit()).toMatchObject({ root: first.stateRoot, accounts: first.accounts })
  })
})
