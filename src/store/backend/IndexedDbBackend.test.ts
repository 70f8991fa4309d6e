import 'fake-indexeddb/auto'
import { forceCloseDatabase } from 'fake-indexeddb'
import { deleteDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoreClosedError, type StoreError } from '../errors.ts'
import { IndexedDbBackend } from './IndexedDbBackend.ts'

const key = Uint8Array.of(1)
const faults: StoreError[] = []
const codes = () => faults.map(({ code }) => code)
let databases = 0
let name: string
let backend: IndexedDbBackend | undefined
/** Connections that were opened, the last one last. */
const connections: IDBDatabase[] = []
const { open } = IDBFactory.prototype

/** Opening fails so often with what Chromium says of a database that it cannot read. */
function failOpens(times: number, error = 'UnknownError') {
  let left = times
  vi.spyOn(IDBFactory.prototype, 'open').mockImplementation(function (this: IDBFactory, ...args) {
    if (left-- > 0) throw new DOMException('Internal error opening backing store', error)
    const request = open.apply(this, args)
    request.addEventListener('success', () => connections.push(request.result))
    return request
  })
}

/** Timers fire at once; returns how long they were to wait, in ms. */
function skipWaits(): number[] {
  const waits: number[] = []
  vi.stubGlobal('setTimeout', (callback: () => void, ms: number) => {
    waits.push(ms)
    setImmediate(callback)
  })
  return waits
}

const opened = async () => {
  backend = await IndexedDbBackend.open(name, (fault) => faults.push(fault))
  return backend
}
const write = (value: number) =>
  backend!.transact('readwrite', async (transaction) => {
    transaction.put('meta', key, Uint8Array.of(value))
  })
const read = async () => {
  const value = await backend!.transact('readonly', (transaction) => transaction.get('meta', key))
  return value?.[0]
}
/** What the browser does to a connection on its own. */
const terminate = () => forceCloseDatabase(connections.at(-1) as never)

beforeEach(() => {
  name = `backend-${databases++}`
  faults.length = 0
  connections.length = 0
  failOpens(0)
})
afterEach(() => {
  backend?.close()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('a connection that the browser ended', () => {
  it('is opened again by the next operation, with a fault', async () => {
    await opened()
    await write(7)
    terminate()
    expect(await read()).toBe(7)
    await write(8)
    expect(await read()).toBe(8)
    expect(codes()).toEqual(['STORE_REOPENED'])
    expect(connections.length).toBe(2)
  })

  it('is opened once for all operations that fail together, also those under way', async () => {
    await opened()
    await write(1)
    const running = [write(2), read(), write(3)]
    terminate()
    await Promise.all([...running, read()])
    expect(await read()).toBe(3)
    expect(codes()).toEqual(['STORE_REOPENED'])
  })

  it('is opened once per operation: the second failure is told', async () => {
    await opened()
    let attempts = 0
    const failing = backend!.transact('readonly', async () => {
      attempts++
      throw new DOMException('the connection is lost', 'AbortError')
    })
    await expect(failing).rejects.toMatchObject({ code: 'STORE_FAILED' })
    expect(attempts).toBe(2)
    expect(codes()).toEqual(['STORE_REOPENED'])
    expect(await read()).toBe(undefined)
  })

  it('is not opened again where the store was closed here, or its database deleted elsewhere', async () => {
    await opened()
    await deleteDB(name)
    await expect(read()).rejects.toBeInstanceOf(StoreClosedError)
    await expect(read()).rejects.toMatchObject({ reason: 'deleted' })
    expect(faults).toEqual([])
    expect(await indexedDB.databases()).not.toContainEqual(expect.objectContaining({ name }))
  })

  it('is not used again when the database is empty by then: STORE_LOST, for every operation', async () => {
    await opened()
    await write(7)
    terminate()
    await new Promise<void>((resolve) => {
      indexedDB.deleteDatabase(name).onsuccess = () => resolve()
    })
    const outcomes = await Promise.allSettled([read(), write(8), read()])
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'STORE_LOST' } })
    }
    await expect(write(9)).rejects.toMatchObject({ code: 'STORE_LOST' })
    await opened()
    expect(await read()).toBe(undefined)
  })
})

describe('an open that fails', () => {
  it.each(['UnknownError', 'AbortError'])('with %s is tried again', async (error) => {
    await opened()
    await write(7)
    backend!.close()
    const waits = skipWaits()
    failOpens(6, error)
    await opened()
    expect(waits).toEqual([50, 200, 500, 1_000, 2_000, 4_000])
    expect(await read()).toBe(7)
    expect(faults).toEqual([])
  })

  it('each time is STORE_UNAVAILABLE with its cause', async () => {
    skipWaits()
    failOpens(7)
    const error = await opened().catch((error) => error)
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', cause: { name: 'UnknownError' } })
  })

  it('and finds no database afterwards has lost it', async () => {
    skipWaits()
    failOpens(1)
    await opened()
    expect(codes()).toEqual(['STORE_LOST'])
  })
})

describe('a database that is gone', () => {
  it('is told when its mark is still there, and only then', async () => {
    const marks = new Set<string>()
    vi.stubGlobal('caches', {
      has: async (mark: string) => marks.has(mark),
      open: async (mark: string) => void marks.add(mark),
    })
    const open = async () => {
      faults.length = 0
      await opened()
      backend!.close()
      return codes()
    }
    expect(await open()).toEqual([])
    expect(await open()).toEqual([])
    await deleteDB(name)
    expect(await open()).toEqual(['STORE_LOST'])
    expect(await open()).toEqual([])
  })

  it('is not told where the platform keeps no marks', async () => {
    vi.stubGlobal('caches', {
      has: () => Promise.reject(new DOMException('no', 'SecurityError')),
      open: () => Promise.reject(new DOMException('no', 'SecurityError')),
    })
    await opened()
    backend!.close()
    await deleteDB(name)
    await opened()
    expect(faults).toEqual([])
  })
})
