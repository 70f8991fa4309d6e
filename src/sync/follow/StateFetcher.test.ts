import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FakeSyncer } from '../../../test/support/follow/FakeSyncer.ts'
import { settled } from '../../../test/support/sync/settled.ts'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { StateFetcher } from './StateFetcher.ts'

const rootOf = (name: number) => new Uint8Array(32).fill(name)
const CANCELLED = { name: 'SyncCancelledError', code: 'SYNC_CANCELLED' }
const STOPPED = { name: 'StateFetcherStoppedError', code: 'STATE_FETCHER_STOPPED' }

function setup() {
  const clock = virtualClock()
  const syncer = new FakeSyncer(clock)
  return { clock, syncer, fetcher: new StateFetcher(syncer) }
}

describe('StateFetcher', () => {
  it('gives a sync to its caller once it has begun', async () => {
    const { clock, syncer, fetcher } = setup()
    const sync = await fetcher.syncState(rootOf(1))
    expect(syncer.begun).toEqual([rootOf(1)])
    expect(await settled(sync.done)).toBe(false)
    clock.advance(1_000)
    await sync.wait()
    expect(sync.root).toEqual(rootOf(1))
  })

  it('begins the next sync only when the replaced one has stopped and saved', async () => {
    const { clock, syncer, fetcher } = setup()
    syncer.shutdownMs = 50
    const first = await fetcher.syncState(rootOf(1))
    const second = fetcher.syncState(rootOf(2))
    clock.advance(49)
    expect(await settled(second)).toBe(false)
    expect(syncer.begun).toEqual([rootOf(1)])
    clock.advance(1)
    expect((await second).root).toEqual(rootOf(2))
    expect(first.err).toMatchObject(CANCELLED)
    expect(syncer.mostRunning).toBe(1)
    clock.advance(1_000)
    await (await second).wait()
    expect(syncer.completed).toEqual([rootOf(2)])
  })

  it('begins anew for the root that runs: every caller has a sync of its own', async () => {
    const { clock, syncer, fetcher } = setup()
    const first = await fetcher.syncState(rootOf(1))
    const again = fetcher.syncState(rootOf(1))
    clock.advance(1)
    expect(await again).not.toBe(first)
    expect(first.err).toMatchObject(CANCELLED)
    clock.advance(1_000)
    await (await again).wait()
    expect(syncer.calls).toBe(2)
  })

  it('runs the last of many, and tells all others that they were cancelled', async () => {
    const { clock, syncer, fetcher } = setup()
    const calls = [1, 2, 3, 4, 5].map((name) => fetcher.syncState(rootOf(name)))
    expect(await settled(calls[4]!)).toBe(false)
    clock.advance(1)
    const syncs = await Promise.all(calls)
    clock.advance(1_000)
    await Promise.all(syncs.map((sync) => sync.done))
    for (const sync of syncs.slice(0, 4)) expect(sync.err).toMatchObject(CANCELLED)
    expect(syncs[4]!.err).toBeUndefined()
    expect(syncer.begun).toEqual([rootOf(1), rootOf(5)])
  })

  it('begins again after a sync that ended, failed, or was cancelled by its signal', async () => {
    const { clock, syncer, fetcher } = setup()
    syncer.failure = new Error('the disk is full')
    const failed = await fetcher.syncState(rootOf(1))
    clock.advance(1_000)
    await expect(failed.wait()).rejects.toBe(syncer.failure)
    syncer.failure = undefined
    const controller = new AbortController()
    const aborted = await fetcher.syncState(rootOf(2), controller.signal)
    controller.abort()
    clock.advance(1)
    await expect(aborted.wait()).rejects.toMatchObject(CANCELLED)
    const never = await fetcher.syncState(rootOf(3), controller.signal)
    expect(never.err).toMatchObject(CANCELLED)
    const last = await fetcher.syncState(rootOf(4))
    clock.advance(1_000)
    await last.wait()
    expect(syncer.begun).toEqual([rootOf(1), rootOf(2), rootOf(4)])
  })

  it('stops only when all has shut down, any number of times', async () => {
    const { clock, syncer, fetcher } = setup()
    syncer.shutdownMs = 50
    const running = await fetcher.syncState(rootOf(1))
    const waiting = fetcher.syncState(rootOf(2))
    const stops = [fetcher.stop(), fetcher.stop()]
    // Quit before it began.
    expect((await waiting).err).toMatchObject(STOPPED)
    await (await waiting).done
    clock.advance(49)
    for (const stop of stops) expect(await settled(stop)).toBe(false)
    clock.advance(1)
    await Promise.all([...stops, fetcher.stop()])
    expect(running.err).toMatchObject(CANCELLED)
    expect(syncer.begun).toEqual([rootOf(1)])
  })

  it('begins nothing once it was stopped', async () => {
    const { syncer, fetcher } = setup()
    await fetcher.stop()
    const sync = await fetcher.syncState(rootOf(1))
    expect(sync.err).toMatchObject(STOPPED)
    await sync.done
    expect(syncer.calls).toBe(0)
  })

  it('never runs two syncs, loses none and hangs on none, whatever is asked when', async () => {
    const step = fc.record({
      wait: fc.nat(30),
      root: fc.nat(3),
      cancel: fc.boolean(),
      duration: fc.nat(40),
      shutdown: fc.nat(20),
      stubborn: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.boolean(), async (steps, stop) => {
        const { clock, syncer, fetcher } = setup()
        const calls: ReturnType<StateFetcher['syncState']>[] = []
        for (const { wait, root, cancel, duration, shutdown, stubborn } of steps) {
          syncer.durationMs = () => duration
          syncer.shutdownMs = shutdown
          syncer.stubborn = stubborn
          const controller = new AbortController()
          calls.push(fetcher.syncState(rootOf(root), controller.signal))
          clock.advance(wait)
          await settled(calls.at(-1)!)
          if (cancel) controller.abort()
        }
        const stopped = stop ? fetcher.stop() : Promise.resolve()
        const all = Promise.all(calls).then((syncs) => Promise.all(syncs.map((sync) => sync.done)))
        for (let turn = 0; turn < 2 * steps.length + 2; turn++) {
          clock.advance(40)
          await settled(all)
        }
        await Promise.all([stopped, all])
        expect(syncer.mostRunning).toBeLessThanOrEqual(1)
        expect(syncer.running).toBe(0)
        const syncs = await Promise.all(calls)
        const complete = syncs.filter((sync) => sync.err === undefined).map((sync) => sync.root)
        expect(complete).toEqual(syncer.completed)
        const last = steps.at(-1)
        if (last !== undefined && !stop && !last.cancel) expect(syncs.at(-1)!.err).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })
})
