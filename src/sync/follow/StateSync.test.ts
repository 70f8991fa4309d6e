import { describe, expect, it } from 'vitest'
import { FakeSyncer } from '../../../test/support/follow/FakeSyncer.ts'
import { settled } from '../../../test/support/sync/settled.ts'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { StateSync } from './StateSync.ts'

const root = new Uint8Array(32).fill(7)
const CANCELLED = { name: 'SyncCancelledError', code: 'SYNC_CANCELLED' }

function setup() {
  const clock = virtualClock()
  return { clock, syncer: new FakeSyncer(clock) }
}

describe('StateSync', () => {
  it('begins only when it is run, and is done without an error when the state is complete', async () => {
    const { clock, syncer } = setup()
    const sync = new StateSync(syncer, root)
    expect(await settled(sync.started)).toBe(false)
    expect(syncer.calls).toBe(0)
    const run = sync.run()
    expect(await settled(sync.started)).toBe(true)
    expect(await settled(sync.done)).toBe(false)
    expect(sync.err).toBeUndefined()
    clock.advance(1_000)
    await Promise.all([run, sync.done, sync.wait()])
    expect(sync.err).toBeUndefined()
    expect(syncer.completed).toEqual([root])
    await sync.cancel()
    expect(sync.err).toBeUndefined()
  })

  it('runs once, however often it is asked', async () => {
    const { clock, syncer } = setup()
    const sync = new StateSync(syncer, root)
    const runs = [sync.run(), sync.run()]
    clock.advance(1_000)
    await Promise.all(runs)
    await sync.run()
    expect(syncer.calls).toBe(1)
  })

  it('waits with every cancel until the sync has shut down and saved', async () => {
    const { clock, syncer } = setup()
    syncer.shutdownMs = 50
    const sync = new StateSync(syncer, root)
    void sync.run()
    const cancels = [sync.cancel(), sync.cancel()]
    clock.advance(49)
    for (const cancel of [...cancels, sync.cancel(), sync.done]) {
      expect(await settled(cancel)).toBe(false)
    }
    clock.advance(1)
    await Promise.all([...cancels, sync.cancel()])
    expect(syncer.running).toBe(0)
    expect(sync.err).toMatchObject(CANCELLED)
    await expect(sync.wait()).rejects.toBe(sync.err)
  })

  it('is over at once when it is cancelled before it began, and never begins', async () => {
    const { syncer } = setup()
    const sync = new StateSync(syncer, root)
    await sync.cancel()
    await Promise.all([sync.started, sync.done, sync.run()])
    expect(sync.err).toMatchObject(CANCELLED)
    await expect(sync.wait()).rejects.toMatchObject(CANCELLED)
    expect(syncer.calls).toBe(0)
  })

  it('is cancelled by its signal, before it began and while it runs', async () => {
    for (const when of ['aborted already', 'waiting', 'running']) {
      const { clock, syncer } = setup()
      const controller = new AbortController()
      if (when === 'aborted already') controller.abort()
      const sync = new StateSync(syncer, root, controller.signal)
      if (when === 'running') void sync.run()
      controller.abort()
      clock.advance(1)
      await sync.run()
      expect(sync.err, when).toMatchObject(CANCELLED)
      expect(syncer.calls, when).toBe(when === 'running' ? 1 : 0)
    }
  })

  it('has no error when it completes although it was cancelled', async () => {
    const { clock, syncer } = setup()
    syncer.stubborn = true
    const sync = new StateSync(syncer, root)
    void sync.run()
    const cancel = sync.cancel()
    clock.advance(1_000)
    await cancel
    expect(sync.err).toBeUndefined()
    expect(syncer.completed).toEqual([root])
  })

  it('keeps the error of a sync that failed, at once or later; only wait rejects', async () => {
    const failure = new Error('the disk is full')
    const later = () => Promise.reject(failure)
    const atOnce = () => {
      throw failure
    }
    for (const sync of [later, atOnce]) {
      const failed = new StateSync({ sync }, root)
      await failed.run()
      await failed.done
      expect(failed.err).toBe(failure)
      await expect(failed.wait()).rejects.toBe(failure)
      await failed.cancel()
      expect(failed.err).toBe(failure)
    }
  })
})
