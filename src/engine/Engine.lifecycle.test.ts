import 'fake-indexeddb/auto'
import { forceCloseDatabase } from 'fake-indexeddb'
import { deleteDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStateSync } from '../client/createStateSync.ts'
import type { StateSyncHandle } from '../client/StateSyncHandle.ts'
import type { StateSyncOptions } from '../client/StateSyncOptions.ts'
import { memoryState } from '../served/memoryState.ts'
import type { SnapHandler } from '../snap/server/serveSnap.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import { statePeers } from '../testing/statePeers.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'

const entries = [...syntheticAccounts({ seed: 72, accounts: 50, contracts: 0.3, maxSlots: 8 })]
const state = memoryState(entries)
const [{ name: address, nonce }] = entries as [(typeof entries)[0]]
const genesisHash = `0x${'22'.repeat(32)}` as const
const honest = stateHandler(state.source)

let databases = 0
let name: string
let handle: StateSyncHandle | undefined
const faults: { code: string; message: string }[] = []
const told: string[] = []
const connections: IDBDatabase[] = []
const codes = () => faults.map(({ code }) => code)

async function open(
  handler: SnapHandler = honest,
  store: StateSyncOptions['store'] = { name },
): Promise<StateSyncHandle> {
  handle = await createStateSync({
    chain: { id: 1, genesisHash },
    ...{ trust: state.stateRoot, store, peers: statePeers([handler]) },
  })
  handle.addEventListener('status', ({ detail }) => told.push(detail.status))
  handle.addEventListener('fault', ({ detail }) => faults.push(detail))
  return handle
}

/** What the browser does on its own; with `lost`, nothing is left of the database. */
async function terminate(lost: boolean): Promise<void> {
  forceCloseDatabase(connections.at(-1) as never)
  if (!lost) return
  await new Promise<void>((resolve) => {
    indexedDB.deleteDatabase(`${name}/1/${genesisHash}`).onsuccess = () => resolve()
  })
}

/**
 * The browser ends the connection once, when the run asks for its first codes: accounts are stored
 * by then.
 */
function endingOnce(lost: boolean): SnapHandler {
  let ended = false
  return async (request) => {
    if (request.kind === 'GetByteCodes' && !ended) {
      ended = true
      await terminate(lost)
    }
    return honest(request)
  }
}

async function expectWhole(sync: StateSyncHandle): Promise<void> {
  await sync.ready()
  const { root, accounts } = await sync.audit()
  expect({ root, accounts }).toEqual({ root: state.stateRoot, accounts: entries.length })
}

beforeEach(() => {
  name = `lifecycle-${databases++}`
  for (const list of [faults, told, connections]) list.length = 0
  const { open } = IDBFactory.prototype
  vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(function (this: IDBFactory, ...args) {
    const request = open.apply(this, args)
    request.addEventListener('success', () => connections.push(request.result))
    return request
  })
  vi.stubGlobal('navigator', {
    locks: { request: (_: string, __: object, run: (lock: object) => unknown) => run({}) },
  })
})
afterEach(async () => {
  await handle?.close()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('a database that the browser closes', () => {
  it('is opened again in the midst of a run, which continues', async () => {
    const sync = await open(endingOnce(false))
    await sync.start()
    await expectWhole(sync)
    expect(codes()).toEqual(['STORE_REOPENED'])
    expect(told).toEqual(['syncing', 'complete'])
  })

  it('is opened again by the next read of a complete state', async () => {
    const sync = await open()
    await sync.start()
    await sync.ready()
    await terminate(false)
    expect((await sync.getAccount(address)).value?.nonce).toBe(nonce)
    expect(codes()).toEqual(['STORE_REOPENED'])
    expect(sync.status).toBe('complete')
  })
})

describe('a database that the browser loses', () => {
  it('in the midst of a run is fetched again', async () => {
    const sync = await open(endingOnce(true))
    await sync.start()
    await expectWhole(sync)
    expect(codes()).toEqual(['STORE_LOST'])
    expect(told).toEqual(['syncing', 'idle', 'syncing', 'complete'])
  })

  it('when its state is complete fails the read that finds it, and is fetched again', async () => {
    const sync = await open()
    await sync.start()
    await sync.ready()
    await terminate(true)
    await expect(sync.audit()).rejects.toMatchObject({ code: 'STORE_LOST' })
    await expectWhole(sync)
    expect(codes()).toEqual(['STORE_LOST'])
  })

  it('while the app has paused waits for its start', async () => {
    const sync = await open()
    await sync.start()
    await sync.ready()
    await sync.pause()
    await terminate(true)
    await expect(sync.audit()).rejects.toMatchObject({ code: 'STORE_LOST' })
    await sync.pause()
    expect(sync.status).toBe('idle')
    expect(told).toEqual(['syncing', 'complete', 'idle'])
  })
})

describe('a platform that lacks something', () => {
  const refused = new DOMException('not in this frame', 'SecurityError')
  class Throwing {
    constructor() {
      throw refused
    }
  }
  class Mute {
    postMessage() {
      throw refused
    }
    close() {}
  }
  const refuse = () => {
    throw refused
  }
  const rejecting = { request: () => Promise.reject(refused) }

  it.each<[string, string, unknown]>([
    ['has no BroadcastChannel', 'BroadcastChannel', undefined],
    ['has a BroadcastChannel that throws', 'BroadcastChannel', Throwing],
    ['has a BroadcastChannel that sends nothing', 'BroadcastChannel', Mute],
    ['has no navigator', 'navigator', undefined],
    ['has no locks', 'navigator', {}],
    ['has locks that throw', 'navigator', { locks: { request: refuse } }],
    ['has locks that reject', 'navigator', { locks: rejecting }],
    [
      'has a getter of locks that throws',
      'navigator',
      Object.defineProperty({}, 'locks', { get: refuse }),
    ],
  ])('%s: one fault says so, and all else works', async (_, global, value) => {
    vi.stubGlobal(global, value)
    const sync = await open()
    await sync.start()
    await expectWhole(sync)
    await sync.reset()
    expect(codes()).toEqual(['PLATFORM'])
    const missing =
      global === 'navigator' ? /no Web Locks .*two tabs/ : /no BroadcastChannel .*read/
    expect(faults[0]?.message).toMatch(missing)
  })

  it('a run that fails under a lock is no missing lock', async () => {
    const sync = await open(async (request) => {
      await deleteDB(`${name}/1/${genesisHash}`)
      return honest(request)
    })
    await sync.start()
    await expect(sync.ready()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    expect(codes()).not.toContain('PLATFORM')
  })

  it.each<[string, unknown]>([
    ['is absent', undefined],
    ['throws', { open: refuse }],
  ])('IndexedDB %s: a typed error, and the store in memory works', async (_, value) => {
    vi.stubGlobal('indexedDB', value)
    await expect(open()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    vi.stubGlobal('BroadcastChannel', Throwing)
    vi.stubGlobal('navigator', undefined)
    const sync = await open(honest, { kind: 'memory' })
    await sync.start()
    await expectWhole(sync)
    expect(faults).toEqual([])
  })
})
