import { beforeEach, describe, expect, it } from 'vitest'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { memoryPipes } from '../../pipes/memoryPipes.ts'
import { openMemoryStore } from '../../store/openMemoryStore.ts'
import type { StateStore, StoreBatch } from '../../store/StateStore.ts'
import { PeerPool } from '../peers/PeerPool.ts'
import { RunLoop, type SyncPhase } from './RunLoop.ts'

const record = (text: string) => new TextEncoder().encode(text)
const rest: StoreBatch = { journal: new Map([['rest', record('accepted')]]) }

/** A phase that needs no peers; `rest` is what it has accepted and not written. */
function phase(done: boolean): SyncPhase {
  return {
    ...{ works: [], done, hasLocal: false },
    local: async () => ({}),
    rest: () => rest,
  }
}

describe('RunLoop', () => {
  let store: StateStore
  let pool: PeerPool
  let received: number

  beforeEach(async () => {
    store = await openMemoryStore()
    const clock = virtualClock()
    pool = new PeerPool({ now: clock.now, timers: clock.timers })
    received = 0
    return () => pool.close()
  })

  const loop = (signal: AbortSignal) => {
    const onReceived = (bytes: number) => {
      received += bytes
    }
    return new RunLoop({
      store,
      pool,
      signal,
      onBatch: () => {},
      records: () => [],
      onReceived,
      onStep: () => {},
    })
  }

  it('writes what a phase has accepted when the phase is done', async () => {
    await loop(new AbortController().signal).run(phase(true))
    expect([...(await store.journal())]).toEqual([['rest', record('accepted')]])
  })

  it('writes what a phase has accepted when it is cancelled, before it rejects', async () => {
    const controller = new AbortController()
    const run = loop(controller.signal).run(phase(false))
    controller.abort()
    await expect(run).rejects.toMatchObject({ code: 'SYNC_CANCELLED' })
    expect([...(await store.journal())]).toEqual([['rest', record('accepted')]])
  })

  it('hears nothing of the pool any more once it has ended', async () => {
    const [near, far] = memoryPipes(['server', 'client'])
    pool.add(near)
    await loop(new AbortController().signal).run(phase(true))
    const before = received
    // Even a frame that breaks the protocol counts as received, before its peer is dismissed.
    let heard = 0
    const gone = new Promise<void>((resolve) => {
      const end = pool.subscribe({
        received(bytes) {
          heard += bytes
        },
        changed() {
          end()
          resolve()
        },
      })
    })
    far.send(Uint8Array.of(1, 2, 3))
    await gone
    expect(heard).toBe(3)
    expect(received).toBe(before)
  })
})
