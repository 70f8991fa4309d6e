import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { capped } from '../../test/support/peers/handlers.ts'
import { StateTruth } from '../../test/support/sync/StateTruth.ts'
import { decodeSlimAccount } from '../account/accountCodec.ts'
import { type Hex, toHex } from '../base/bytes/hex.ts'
import type { PeerSource } from '../pipes/PeerSource.ts'
import type { SnapHandler } from '../snap/server/serveSnap.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import { MemoryBackend } from '../store/backend/MemoryBackend.ts'
import { StoreQuotaError } from '../store/errors.ts'
import { statePeers } from '../testing/statePeers.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { createStateSync } from './createStateSync.ts'
import type { StateSyncHandle } from './StateSyncHandle.ts'

const entries = [...syntheticAccounts({ seed: 71, accounts: 250, contracts: 0.3, maxSlots: 80 })]
const truth = new StateTruth(entries)
const { stateRoot } = truth.state
const honest = capped(stateHandler(truth.state.source), 4_000)
const nowhere = `0x${'42'.repeat(20)}`

let sync: StateSyncHandle
let told: string[]

async function open(peers?: PeerSource): Promise<void> {
  sync = await createStateSync({
    chain: { id: 1, genesisHash: `0x${'11'.repeat(32)}` },
    trust: stateRoot,
    store: { kind: 'memory' },
    ...(peers && { peers }),
  })
  told = []
  sync.addEventListener('status', ({ detail }) => told.push(detail.status))
  sync.addEventListener('progress', ({ detail }) => told.push(`progress ${detail.phase}`))
  sync.addEventListener('connection', ({ detail }) => told.push(detail.type))
  sync.addEventListener('fault', ({ detail }) => told.push(`fault ${detail.code}`))
}

/** Resolves at the next event with that name. */
function next(name: 'status' | 'progress' | 'fault'): Promise<unknown> {
  return new Promise((resolve) => {
    sync.addEventListener(name, ({ detail }) => resolve(detail), { once: true })
  })
}

const completeState = async () => {
  await sync.start()
  await sync.ready()
}

beforeEach(() => open(statePeers([honest, honest])))
afterEach(() => sync.close())

describe('reads', () => {
  it('answer what the state holds, with its root', async () => {
    await completeState()
    for (const { name, storage, hash, code } of entries) {
      const account = await sync.getAccount(name)
      const slim = truth.accounts.get(toHex(hash).slice(2))!
      const { balance, nonce, storageRoot, codeHash } = decodeSlimAccount(Buffer.from(slim, 'hex'))
      const hashes = { storageRoot: toHex(storageRoot), codeHash: toHex(codeHash) }
      const value = { balance, nonce, ...hashes, codeSize: code.length }
      expect(account).toEqual({ value, stateRoot })
      expect(await sync.getCode(name)).toEqual({ value: toHex(code), stateRoot })
      for (const [slot, number] of storage.slice(0, 5)) {
        const word: Hex = `0x${number.toString(16).padStart(64, '0')}`
        expect(await sync.getStorage(name, toHex(slot))).toEqual({ value: word, stateRoot })
        const same = await sync.getStorage(name, BigInt(toHex(slot)))
        expect(same).toEqual({ value: word, stateRoot })
      }
    }
  })

  it('tell that there is nothing', async () => {
    await completeState()
    const zero = `0x${'00'.repeat(32)}`
    expect(await sync.getAccount(nowhere)).toEqual({ value: undefined, stateRoot })
    expect(await sync.getCode(nowhere)).toEqual({ value: '0x', stateRoot })
    expect(await sync.getStorage(nowhere, 0n)).toEqual({ value: zero, stateRoot })
    expect(await sync.getStorage(entries[0]!.name, 12_345n)).toEqual({ value: zero, stateRoot })
  })

  it('are refused while the state is not complete', async () => {
    const error = { name: 'StateIncompleteError', code: 'STATE_INCOMPLETE' }
    const read = () => [
      sync.getAccount(nowhere),
      sync.getCode(nowhere),
      sync.getStorage(nowhere, 1n),
    ]
    for (const refused of read()) {
      await expect(refused).rejects.toMatchObject(error)
      await expect(refused).rejects.toThrow(stateRoot)
    }
    const syncing = next('progress')
    await sync.start()
    await syncing
    expect(sync.status).toBe('syncing')
    for (const refused of read()) await expect(refused).rejects.toMatchObject(error)
  })

  it.each([
    ['an address of 19 bytes', () => sync.getAccount(nowhere.slice(0, -2)), 'address'],
    ['an address that is a name', () => sync.getCode('vitalik.eth'), '"vitalik.eth"'],
    ['no address', () => sync.getStorage(undefined as never, 0n), 'undefined'],
    ['a short slot', () => sync.getStorage(nowhere, '0x01'), 'slot'],
    ['a slot that is a plain number', () => sync.getStorage(nowhere, 1 as never), 'slot'],
    ['a negative slot', () => sync.getStorage(nowhere, -1n), '-1'],
    ['a slot beyond 256 bits', () => sync.getStorage(nowhere, 1n << 256n), '256 bits'],
    ['a slot far beyond 256 bits', () => sync.getStorage(nowhere, 1n << 260n), '256 bits'],
  ])('refuse %s', async (_, read, words) => {
    const error = await read().catch((cause: Error) => cause)
    expect(error).toMatchObject({ name: 'HexError', code: 'HEX' })
    expect((error as Error).message).toContain(words)
  })
})

describe('a run', () => {
  it('tells what happens, in order', async () => {
    const fractions = new Map<string, number[]>()
    sync.addEventListener('progress', ({ detail: { phase, fraction } }) => {
      fractions.set(phase, [...(fractions.get(phase) ?? []), fraction])
    })
    await completeState()
    const unique = told.filter((name, index) => told.indexOf(name) === index)
    expect(unique).toEqual([
      'syncing',
      'connected',
      'progress download',
      'progress verify',
      'progress complete',
      'complete',
    ])
    for (const values of fractions.values()) {
      expect(values).toEqual([...values].sort((a, b) => a - b))
    }
    const { accounts, slots, codes } = truth.state
    const totals = { accounts, slots, codes }
    expect(sync.progress).toMatchObject({ phase: 'complete', fraction: 1, ...totals })
    expect(sync.status).toBe('complete')
  })

  it('does nothing when it is started twice, or is complete', async () => {
    await Promise.all([sync.start(), sync.start()])
    await sync.ready()
    await sync.start()
    expect(told.filter((name) => name === 'syncing')).toHaveLength(1)
  })

  it('can be paused and goes on', async () => {
    let calls = 0
    let paused: Promise<void> | undefined
    const handler: SnapHandler = (request) => {
      if (++calls === 20) paused = sync.pause()
      return honest(request)
    }
    await sync.close()
    await open(statePeers([handler]))
    const begun = next('progress')
    await sync.start()
    await begun
    await vi.waitFor(() => expect(paused).toBeDefined())
    await paused
    expect(sync.status).toBe('idle')
    const { accounts } = sync.progress
    expect(accounts).toBeLessThan(truth.state.accounts)
    await completeState()
    expect((await sync.audit()).accounts).toBe(truth.state.accounts)
    await sync.pause()
    expect(sync.status).toBe('complete')
  })

  it('names a peer that lies', async () => {
    await sync.close()
    const liar: SnapHandler = (request) => ({ kind: 'TrieNodes', id: request.id, nodes: [] })
    await open(statePeers([liar, honest]))
    const fault = next('fault')
    await completeState()
    expect(await fault).toMatchObject({ code: 'PEER_PROTOCOL', peer: 'peer-0' })
  })

  it('fails with the error of the store, and can be started again', async () => {
    const { transact: working } = MemoryBackend.prototype
    const transact = vi.spyOn(MemoryBackend.prototype, 'transact')
    let calls = 0
    transact.mockImplementation(function (this: MemoryBackend, mode, work) {
      if (++calls > 60) return Promise.reject(new StoreQuotaError('full'))
      return working.call(this, mode, work) as never
    })
    try {
      await sync.start()
      const error = await sync.ready().catch((cause) => cause)
      expect(error).toMatchObject({ name: 'StoreQuotaError', code: 'STORE_QUOTA' })
      expect(sync.status).toBe('failed')
      await expect(sync.ready()).rejects.toBe(error)
    } finally {
      transact.mockRestore()
    }
    await completeState()
  })

  it('tells of a source of peers that broke', async () => {
    await sync.close()
    // biome-ignore lint/correctness/useYield: it breaks before it has found anybody
    await open(async function* () {
      throw new Error('no network')
    })
    const fault = next('fault')
    await sync.start()
    expect(await fault).toEqual({ code: 'PEER_SOURCE', message: 'Error: no network' })
  })

  it('closes a connection that is made only after the run has ended', async () => {
    await sync.close()
    let closed!: (reason: unknown) => void
    const isClosed = new Promise((resolve) => {
      closed = resolve
    })
    await open(async function* ({ signal }) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      yield {
        peer: 'late',
        transport: 'memory',
        send: () => {},
        close: () => closed('closed'),
        async *[Symbol.asyncIterator]() {},
      }
    })
    const syncing = next('progress')
    await sync.start()
    await syncing
    await sync.pause()
    expect(await isClosed).toBe('closed')
  })

  it('needs peers', async () => {
    await sync.close()
    await open()
    await expect(sync.start()).rejects.toMatchObject({ name: 'OptionsError', code: 'OPTIONS' })
    expect(sync.status).toBe('idle')
  })
})

describe('ready', () => {
  it('rejects when its signal aborts, and only then', async () => {
    const controller = new AbortController()
    const waiting = sync.ready({ signal: controller.signal })
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(sync.ready({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await completeState()
    await sync.ready()
  })

  it('rejects when the sync is closed', async () => {
    const waiting = sync.ready()
    const closing = sync.close()
    await expect(waiting).rejects.toMatchObject({ name: 'ClosedError', code: 'CLOSED' })
    await closing
  })
})

describe('audit', () => {
  it('recomputes the state', async () => {
    await completeState()
    const { accounts, slots, codes } = truth.state
    expect(await sync.audit()).toEqual({ root: stateRoot, accounts, slots, codes })
  })

  it('refuses a state that is not complete', async () => {
    await expect(sync.audit()).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
  })

  it('rejects with the reason of its signal', async () => {
    await completeState()
    const reason = new Error('enough')
    await expect(sync.audit({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const running = sync.audit({ signal: controller.signal })
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
    await sync.audit({ signal: new AbortController().signal })
  })
})

describe('reset', () => {
  it('forgets the state, which can be synced again', async () => {
    await completeState()
    await sync.reset()
    expect(sync.status).toBe('idle')
    expect(sync.progress).toMatchObject({ phase: 'idle', accounts: 0, slots: 0, codes: 0 })
    const gone = { code: 'STATE_INCOMPLETE' }
    await expect(sync.getAccount(entries[0]!.name)).rejects.toMatchObject(gone)
    await completeState()
    expect((await sync.audit()).accounts).toBe(truth.state.accounts)
  })

  it('stops a run first', async () => {
    const syncing = next('progress')
    await sync.start()
    await syncing
    await sync.reset()
    expect(sync.status).toBe('idle')
    expect(sync.progress.accounts).toBe(0)
  })
})

describe('close', () => {
  it('may be called any number of times, and ends everything else', async () => {
    await completeState()
    await Promise.all([sync.close(), sync.close()])
    await sync.close()
    expect(sync.status).toBe('closed')
    const calls = [
      sync.start(),
      sync.pause(),
      sync.ready(),
      sync.getAccount(nowhere),
      sync.getStorage(nowhere, 0n),
      sync.getCode(nowhere),
      sync.audit(),
      sync.reset(),
    ]
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({ name: 'ClosedError', code: 'CLOSED' })
    }
  })

  it('ends a run that has only begun', async () => {
    await sync.start()
    await sync.close()
    expect(sync.status).toBe('closed')
  })

  it('resolves after the worker has failed', async () => {
    const worker = new EventTarget() as unknown as Worker
    const { port1, port2 } = new MessageChannel()
    const { run } = await import('../engine/run.ts')
    run(port2)
    worker.postMessage = (message: unknown) => port1.postMessage(message)
    port1.onmessage = ({ data }) => worker.dispatchEvent(new MessageEvent('message', { data }))
    worker.terminate = () => port1.close()
    await sync.close()
    sync = await createStateSync({
      chain: { id: 1, genesisHash: `0x${'11'.repeat(32)}` },
      trust: stateRoot,
      store: { kind: 'memory' },
      worker: () => worker,
    })
    const waiting = sync.ready()
    worker.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }))
    await expect(waiting).rejects.toThrow('out of memory')
    expect(sync.status).toBe('failed')
    await expect(sync.getAccount(nowhere)).rejects.toMatchObject({ name: 'ClosedError' })
    await sync.close()
    expect(sync.status).toBe('closed')
    port2.close()
  })
})

describe('a sync in which nothing moves', () => {
  const stalled = () =>
    new Promise<string>((resolve) => {
      sync.addEventListener('stalled', ({ detail: { stall } }) => {
        if (stall !== undefined) resolve(stall.reason)
      })
    })
  const movesAgain = () =>
    new Promise<void>((resolve) => {
      sync.addEventListener('stalled', ({ detail: { stall } }) => stall ?? resolve())
    })

  it('tells that nobody has the state, and no more once somebody has', async () => {
    await sync.close()
    const other = stateHandler(new StateTruth(entries.slice(0, 3)).state.source)
    let handler: SnapHandler = other
    await open(statePeers([async (request) => handler(request), other]))
    await sync.start()
    expect(await stalled()).toBe('state-unavailable')
    expect(sync.status).toBe('syncing')
    expect(Date.now() - sync.progress.stalled!.since).toBeGreaterThanOrEqual(3_000)
    const moving = movesAgain()
    handler = honest
    await Promise.all([moving, sync.ready()])
    expect(sync.progress.stalled).toBeUndefined()
  })

  it('tells that there is no peer; pausing ends that', async () => {
    await sync.close()
    await open(async function* ({ signal }) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      yield* []
    })
    await sync.start()
    expect(await stalled()).toBe('no-peer')
    const ready = sync.ready({ signal: AbortSignal.timeout(50) })
    await expect(ready).rejects.toThrow()
    await sync.pause()
    expect(sync.progress.stalled).toBeUndefined()
  })
})
