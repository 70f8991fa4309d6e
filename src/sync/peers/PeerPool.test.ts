import { expect, it } from 'vitest'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { memoryPipes } from '../../pipes/memoryPipes.ts'
import { PeerPool } from './PeerPool.ts'

it('asks everybody in turn while nobody answers', () => {
  const clock = virtualClock()
  clock.advance(1)
  const pool = new PeerPool({ now: clock.now, timers: clock.timers, requestTimeoutMs: 2_000 })
  const never = new Promise<never>(() => {})
  const asked: string[] = []
  for (const name of ['mute', 'deaf', 'sound']) pool.add(memoryPipes([name, 'client'])[0])
  // Each rests for as long as it was waited for, so that one of two is free whenever the other is given up.
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
