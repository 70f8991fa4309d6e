import { describe, expect, it } from 'vitest'
import { FollowedChain } from '../../test/support/client/FollowedChain.ts'
import { memoryPipes } from '../pipes/memoryPipes.ts'
import { serveSnap } from '../snap/server/serveSnap.ts'
import { openMemoryStore } from '../store/openMemoryStore.ts'
import { HeaderLog } from '../sync/follow/HeaderLog.ts'
import { PeerPool } from '../sync/peers/PeerPool.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import { blocksRecord } from './blocksRecord.ts'
import { syncRun } from './syncRun.ts'

describe('a run', () => {
  it('waits before each sync, and writes down before it whose state it will be', async () => {
    const chain = new FollowedChain({ seed: 3, accounts: 20 })
    const block = chain.tell()
    const store = await openMemoryStore()
    const pool = new PeerPool()
    const [near, far] = memoryPipes(['peer', 'client'])
    void serveSnap(far, chain.handler)
    pool.add(near)
    const headers = new HeaderLog(10)
    headers.add(chain.state.head)
    headers.end()

    let asked = () => {}
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const told: unknown[] = []
    const run = syncRun(
      {
        store,
        verifier: await createVerifier(),
        pool,
        target: {
          headers,
          pivotDistance: 0,
          maxPivotAge: 10,
          completed: () => undefined,
          onCommit: (committed) => told.push(committed),
        },
        emit: () => {},
        onCleared: () => {},
        onVerified: () => {},
        ready() {
          asked()
          return released
        },
      },
      new AbortController().signal,
    )
    await isAsked
    const journal = await store.journal()
    expect([...journal]).toEqual([blocksRecord([block])])
    expect(chain.requests).toBe(0)
    release()
    await run
    expect(told).toEqual([block])
    expect(chain.requests).toBeGreaterThan(0)
    expect(pool.size).toBe(0)
  })
})
