import { beforeEach, describe, expect, it } from 'vitest'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { memoryPipes } from '../../pipes/memoryPipes.ts'
import { PeerPool } from './PeerPool.ts'
import type { RequestWindow } from './RequestWindow.ts'

it('asks everybody in turn while nobody answers', () => {
  const clock = virtualClock()
  clock.advance(1)
  const pool = new PeerPool({ now: clock.now, timers: clock.timers, requestTimeoutMs: 2_000 })
  const never = new Promise<never>(() => {})
  const asked: string[] = []
  for (const name of ['mute', 'deaf', 'sound']) pool.add(memoryPipes([name, 'client'])[0])
  // Each rests for as long as it was waited for, so that one of two is free whenever the other is
  // given up.
  for (let round = 0; round < 9; round++) {
    const [{ client, windows }] = pool.idle('healNodes') as [ReturnType<typeof pool.idle>[number]]
    asked.push(client.peer)
    const tracker = windows.healNodes.next!
    tracker.take(never)
    clock.advance(2_000)
    windows.healNodes.timedOut(tracker, never)
  }
  expect(asked.join(' ')).toBe(new Array(3).fill('mute deaf sound').join(' '))
  pool.close()
})

it('asks the fastest peer first, and a peer of unknown speed last', async () => {
  const clock = virtualClock()
  const pool = new PeerPool({ now: clock.now, timers: clock.timers })
  const names = () => pool.idle('accounts').map(({ client }) => client.peer)
  for (const name of ['new', 'slow', 'fast', 'medium']) pool.add(memoryPipes([name, 'client'])[0])
  for (const peer of pool.idle('accounts')) {
    const tookMs = { slow: 900, medium: 300, fast: 100 }[peer.client.peer]
    if (tookMs === undefined) continue
    const window = peer.windows.accounts
    const tracker = window.next!
    const answer = Promise.resolve()
    tracker.take(answer)
    clock.advance(tookMs)
    await answer
    window.served(tracker, 100_000)
  }
  expect(names()).toEqual(['fast', 'medium', 'slow', 'new'])
  pool.close()
})

describe('waitsFor', () => {
  const clock = virtualClock()
  let pool: PeerPool
  const never = new Promise<never>(() => {})
  const windows = () => pool.idle('accounts').map((peer) => peer.windows.accounts)

  beforeEach(() => {
    clock.advance(1)
    pool = new PeerPool({ now: clock.now, timers: clock.timers, requestTimeoutMs: 2_000 })
    return () => pool.close()
  })

  const join = (...names: string[]) => {
    for (const name of names) pool.add(memoryPipes([name, 'client'])[0])
  }
  const ask = (window: RequestWindow) => {
    const tracker = window.next!
    tracker.take(never)
    return tracker
  }

  it('is a peer while there is none, and nothing while one could be asked', () => {
    expect(pool.waitsFor()).toEqual({ reason: 'no-peer' })
    join('a')
    expect(pool.waitsFor()).toBeUndefined()
  })

  it('is an answer that is on its way', () => {
    join('a', 'b')
    ask(windows()[0]!)
    expect(pool.waitsFor()).toEqual({ reason: 'slow-peers' })
  })

  it('is the state once every peer has said that it has nothing, also while one is asked again', () => {
    join('a', 'b')
    const [a, b] = windows()
    a!.empty(ask(a!))
    ask(b!)
    expect(pool.waitsFor()).toEqual({ reason: 'slow-peers' })
    const asked = b!
    clock.advance(400)
    asked.giveUp()
    pool.idle('storage').map(({ windows: { storage } }) => storage.empty(ask(storage)))
    expect(pool.waitsFor()).toEqual({ reason: 'state-unavailable', restMs: 600 })
    clock.advance(600)
    ask(a!)
    expect(pool.waitsFor()).toMatchObject({ reason: 'state-unavailable' })
  })

  it('is the end of a rest if some had nothing and the others are late', () => {
    join('a', 'b')
    const [a, b] = windows()
    a!.empty(ask(a!))
    b!.timedOut(ask(b!), never)
    expect(pool.waitsFor()).toEqual({ reason: 'peers-rest', restMs: 1_000 })
  })

  it('is nothing again once a peer has given something', () => {
    join('a')
    const [a] = windows()
    a!.empty(ask(a!))
    expect(pool.waitsFor()).toMatchObject({ reason: 'state-unavailable' })
    clock.advance(1_000)
    a!.served(ask(a!), 100)
    expect(pool.waitsFor()).toBeUndefined()
  })
})
