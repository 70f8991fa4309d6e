import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { codeOf, fullBatch } from '../../test/support/store/fullBatch.ts'
import { hashKey, slotKey } from '../../test/support/store/makeLeaves.ts'
import { type Watched, watched } from '../../test/support/store/watched.ts'
import { MemoryBackend } from './backend/MemoryBackend.ts'
import { PagedStore } from './PagedStore.ts'
import type { StateView } from './StateView.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** A store with a complete state, and what transactions it begins. */
async function setup() {
  const backend = new MemoryBackend()
  const other = new PagedStore(backend)
  await other.commit({ ...fullBatch(1000), complete: hashKey('root 1') })
  const seen: Watched[] = []
  const store = new PagedStore(watched(backend, (transaction) => seen.push(transaction)))
  const read = async () => {
    const { view, completionIds } = store.watchCompleted()
    const values = [
      await view.getAccount(hashKey('account 1')),
      await view.getSlot(...slotOf(7)),
      await view.getCode(codeOf(0).hash),
    ]
    return { values, completionIds: [...completionIds] }
  }
  return { other, store, seen, read }
}

function slotOf(number: number): [account: Uint8Array, slot: Uint8Array] {
  const key = slotKey(number % 5, number)
  return [key.subarray(0, 32), key.subarray(32)]
}

it('answers watched reads of the same pages from memory, for a twentieth of a second', async () => {
  const { store, seen, read } = await setup()
  const first = await read()
  expect(first.values).not.toContain(undefined)
  expect(first.completionIds).toEqual([(await store.completion())?.completionId])
  seen.length = 0
  vi.advanceTimersByTime(50)
  expect(await read()).toEqual(first)
  expect(seen).toEqual([])
  vi.advanceTimersByTime(1)
  expect(await read()).toEqual(first)
  // The first of them asks the store which state it is, and need not read the page again.
  expect(seen).toEqual([{ mode: 'readonly', gets: 1, listings: 0, puts: 0, deletes: 0 }])
})

it('asks for other pages alone, while it was told a moment ago which state is complete', async () => {
  const { store, seen, read } = await setup()
  await read()
  seen.length = 0
  const { view, completionIds } = store.watchCompleted()
  const accounts = Array.from({ length: 100 }, (_, number) => hashKey(`account ${number}`))
  for (const account of accounts) expect(await view.getAccount(account)).toBeDefined()
  expect([...completionIds]).toEqual([(await store.completion())?.completionId])
  seen.pop()
  expect(seen.length).toBeGreaterThan(1)
  expect(seen.length).toBeLessThan(10)
  for (const { gets, listings } of seen)
    expect({ gets, listings }).toEqual({ gets: 1, listings: 0 })
})

it('says so where a page is gone that it was told of a moment ago', async () => {
  const { other, store, read } = await setup()
  await read()
  await other.commit({ ...fullBatch(1000, 1), complete: hashKey('root 2') })
  const { view } = store.watchCompleted()
  const accounts = Array.from({ length: 100 }, (_, number) => hashKey(`account ${number}`))
  await vi.waitFor(async () => {
    const reads = await Promise.allSettled(accounts.map((account) => view.getAccount(account)))
    const failed = reads.filter((it) => it.status === 'rejected')
    expect(failed.map(({ reason }) => reason.code)).toContain('STORE_CORRUPT')
  })
})

it('answers nothing of what another store removed for what that store has completed since', async () => {
  const { other, store, read } = await setup()
  const first = await read()
  const entry = async (view: Pick<StateView, 'getAccount'>, number: number) => {
    return view.getAccount(hashKey(`account ${number}`)).catch(() => undefined)
  }
  const old = await Promise.all(
    Array.from({ length: 100 }, (_, number) => entry(other.completed, number)),
  )
  await other.clear()
  await other.commit({ ...fullBatch(1000, 1), complete: hashKey('root 2') })
  for (const [number, value] of old.entries()) {
    const { view, completionIds } = store.watchCompleted()
    const found = await entry(view, number)
    if (completionIds.has(first.completionIds[0])) expect([undefined, value]).toContainEqual(found)
  }
})

it('gives copies of what it keeps', async () => {
  const { read } = await setup()
  const first = await read()
  const copies = first.values.map((value) => value!.slice())
  await read()
  for (const value of [...first.values, ...(await read()).values]) value!.fill(0)
  expect((await read()).values).toEqual(copies)
})

it('knows a key without a leaf from memory', async () => {
  const { store, seen, read } = await setup()
  await read()
  seen.length = 0
  const { view } = store.watchCompleted()
  expect(await view.getAccount(hashKey('account 1').with(-1, 0))).toBeUndefined()
  expect(seen).toEqual([])
})

it('answers from memory no more when it has heard of another completion', async () => {
  const { other, store, read } = await setup()
  const first = await read()
  await other.commit({ ...fullBatch(1000, 1), complete: hashKey('root 2') })
  await store.completion()
  const second = await read()
  expect(second.completionIds).not.toEqual(first.completionIds)
  expect(second.values[0]).not.toEqual(first.values[0])
})

it('answers from memory no more when a twentieth of a second has passed since another completion', async () => {
  const { other, read } = await setup()
  const first = await read()
  await other.commit({ ...fullBatch(1000, 1), complete: hashKey('root 2') })
  vi.advanceTimersByTime(51)
  expect((await read()).values[0]).not.toEqual(first.values[0])
})

it('answers from memory no more when it has completed the next state, or removed all', async () => {
  const { store, read } = await setup()
  const first = await read()
  await store.commit({ ...fullBatch(1000, 1), complete: hashKey('root 2') })
  const second = await read()
  expect(second.values[0]).not.toEqual(first.values[0])
  await store.clear()
  expect((await read()).values).toEqual([undefined, undefined, undefined])
})

it('answers nothing from memory once it is closed', async () => {
  const { store, read } = await setup()
  await read()
  await store.close()
  await expect(read()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
})

it('reads ahead for who goes on, and not for who wants one page', async () => {
  const { store, other, seen } = await setup()
  await other.commit({ ...fullBatch(12_000, 1), complete: hashKey('root 2') })
  for await (const leaves of store.completed.accounts()) {
    expect(leaves.count).toBeGreaterThan(0)
    break
  }
  expect(seen.length).toBe(1)
  let pages = 0
  for await (const _ of store.completed.accounts()) pages++
  expect(seen.length).toBe(1 + Math.ceil(pages / 16))
})

it('asks the store of every read that nobody watches', async () => {
  const { other, store } = await setup()
  const before = await store.completed.getAccount(hashKey('account 1'))
  await other.commit({ ...fullBatch(1000, 1), complete: hashKey('root 2') })
  expect(await store.completed.getAccount(hashKey('account 1'))).not.toEqual(before)
})

it('forgets codes when it is emptied', async () => {
  const store = new PagedStore(new MemoryBackend())
  const { hash } = codeOf(0)
  const complete = hashKey('root')
  await store.commit({ ...fullBatch(1), complete })
  await store.watchCompleted().view.getCode(hash)
  await store.clear()
  await store.commit({ complete })
  // Told that a state is complete, and asked at once: what is kept would answer.
  await store.completion()
  const { view } = store.watchCompleted()
  await view.getAccount(hashKey(1))
  expect(await view.getCode(hash)).toBeUndefined()
})

it('takes a completed state away and keeps what is stored', async () => {
  const store = new PagedStore(new MemoryBackend())
  await store.commit({ ...fullBatch(5), complete: hashKey('root') })
  const { completionId } = (await store.completion())!
  await store.withdraw(completionId + 1)
  expect(await store.completion()).toMatchObject({ completionId })
  await store.withdraw(completionId)
  expect(await store.completion()).toBeUndefined()
  expect(await store.working.totals()).toMatchObject({ accounts: 5 })
  await store.commit({ ...fullBatch(6, 1), complete: hashKey('next') })
  expect(await store.completed.totals()).toMatchObject({ accounts: 6 })
})
