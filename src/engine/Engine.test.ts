import 'fake-indexeddb/auto'
import { deleteDB, openDB } from 'idb'
import { afterEach, describe, expect, it } from 'vitest'
import { createStateSync } from '../client/createStateSync.ts'
import type { StateSyncHandle } from '../client/StateSyncHandle.ts'
import type { StateSyncOptions } from '../client/StateSyncOptions.ts'
import { memoryState } from '../served/memoryState.ts'
import type { SnapHandler } from '../snap/server/serveSnap.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import { statePeers } from '../testing/statePeers.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { run } from './run.ts'

const entries = [...syntheticAccounts({ seed: 71, accounts: 50, contracts: 0.3, maxSlots: 8 })]
const state = memoryState(entries)
const other = memoryState(entries.map((entry) => ({ ...entry, nonce: entry.nonce + 5n })))
const [{ name: address, nonce }] = entries as [(typeof entries)[0]]
const genesisHash = `0x${'11'.repeat(32)}` as const
const honest = stateHandler(state.source)

let databases = 0
let name: string
const handles: StateSyncHandle[] = []
const told: string[] = []

/** A handle on the test's database; what its status was is in `told`. */
async function open(options: Partial<StateSyncOptions> = {}, handler: SnapHandler = honest) {
  const handle = await createStateSync({
    chain: { id: 1, genesisHash },
    trust: state.stateRoot,
    store: { name },
    peers: statePeers([handler]),
    ...options,
  })
  handles.push(handle)
  handle.addEventListener('status', ({ detail }) => told.push(detail.status))
  return handle
}

async function complete(handle: StateSyncHandle): Promise<void> {
  await handle.start()
  await handle.ready()
}

/** An answer that waits for `answer`, and a promise of the question. */
function held() {
  let answer = () => {}
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  let ask = () => {}
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const handler: SnapHandler = async (request) => {
    ask()
    await answered
    return honest(request)
  }
  return { handler, asked, answer }
}

const database = () => `${name}/1/${genesisHash}`

async function damage(): Promise<void> {
  const db = await openDB(database())
  await db.put('meta', new Uint8Array(3), new TextEncoder().encode('head'))
  db.close()
}

const fresh = () => {
  name = `engine-${databases++}`
  told.length = 0
}
fresh()
afterEach(async () => {
  for (const handle of handles.splice(0)) await handle.close()
  fresh()
})

describe('commands', () => {
  it('take turns: pause and start without waiting goes on', async () => {
    const { handler, asked, answer } = held()
    const sync = await open({}, handler)
    await sync.start()
    await asked
    const paused = sync.pause()
    const started = sync.start()
    answer()
    await Promise.all([paused, started])
    await sync.ready()
    expect(told).toEqual(['syncing', 'idle', 'syncing', 'complete'])
  })

  it('take turns: reset and start without waiting syncs', async () => {
    const sync = await open()
    for (const before of ['idle', 'complete']) {
      expect(sync.status).toBe(before)
      told.length = 0
      await Promise.all([sync.reset(), sync.start()])
      await sync.ready()
      expect(told).toEqual(['idle', 'syncing', 'complete'])
    }
  })
})

describe('a database that was deleted', () => {
  it('fails the next read of a complete state, and is made anew', async () => {
    const sync = await open()
    await complete(sync)
    await deleteDB(database())
    await expect(sync.getAccount(address)).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    expect(sync.status).toBe('failed')
    await complete(sync)
    expect((await sync.getAccount(address)).value?.nonce).toBe(nonce)
    await deleteDB(database())
    await expect(sync.audit()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await sync.reset()
    expect(sync.status).toBe('idle')
  })

  it('fails a run; ready speaks of the next one once that is started', async () => {
    const { handler, asked, answer } = held()
    const sync = await open({}, handler)
    await sync.start()
    await asked
    await deleteDB(database())
    answer()
    await expect(sync.ready()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    await complete(sync)
    expect(told).toEqual(['syncing', 'failed', 'syncing', 'complete'])
  })
})

describe('a database that is damaged', () => {
  it('opens as failed, and can be reset', async () => {
    await complete(await open())
    await handles.pop()!.close()
    await damage()
    const sync = await open()
    expect(sync.status).toBe('failed')
    await expect(sync.getAccount(address)).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    await sync.reset()
    await complete(sync)
    expect((await sync.getAccount(address)).value?.nonce).toBe(nonce)
  })
})

describe('an engine', () => {
  it('holds one state', async () => {
    const { port1, port2 } = new MessageChannel()
    run(port2)
    await open({ worker: port1 })
    await expect(open({ worker: port1 })).rejects.toMatchObject({ code: 'ENGINE_OPEN' })
  })

  it('can be opened after an opening that failed', async () => {
    const { port1, port2 } = new MessageChannel()
    run(port2)
    const newer = await openDB(database(), 99)
    newer.close()
    await expect(open({ worker: port1 })).rejects.toMatchObject({ code: 'STORE_VERSION' })
    await deleteDB(database())
    await open({ worker: port1 })
  })

  it('ignores messages that are none of its own', async () => {
    const { port1, port2 } = new MessageChannel()
    run(port2)
    const strangers = [null, undefined, 7, 'x', {}, { type: 'call', id: 1, method: 'constructor' }]
    for (const message of strangers) port1.postMessage(message)
    await complete(await open({ worker: port1 }))
  })

  it('that is gone rejects what is asked, close included', async () => {
    const { port1, port2 } = new MessageChannel()
    run(port2)
    const sync = await open({ worker: port1 })
    const failed = new Promise((resolve) =>
      sync.addEventListener('status', resolve, { once: true }),
    )
    port2.close()
    await failed
    await expect(sync.start()).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(sync.ready()).rejects.toMatchObject({ code: 'CLOSED' })
    await sync.close()
    expect(sync.status).toBe('closed')
  })
})

describe('an audit', () => {
  it('of a state that another handle replaced harms nothing', async () => {
    const stale = await open()
    await complete(stale)
    const current = await open({
      trust: other.stateRoot,
      peers: statePeers([stateHandler(other.source)]),
    })
    await complete(current)
    await expect(stale.audit()).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
    expect((await current.getAccount(address)).value?.nonce).toBe(nonce + 5n)
    expect(await current.audit()).toMatchObject({ root: other.stateRoot })
  })
})
