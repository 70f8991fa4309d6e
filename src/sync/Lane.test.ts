import { describe, expect, it } from 'vitest'
import { virtualClock } from './fixtures/virtualClock.ts'
import { Lane } from './Lane.ts'

const KIB = 1024
const pending = new Promise<void>(() => {})

function setup() {
  const clock = virtualClock()
  let freed = 0
  const lane = new Lane({ ...clock, timeoutMs: 20_000, onFree: () => freed++ })
  return { clock, timers: clock.timers, lane, freed: () => freed }
}

describe('Lane', () => {
  it('holds one request at a time', () => {
    const { lane, freed } = setup()
    for (const end of ['served', 'failed'] as const) {
      expect(lane.free).toBe(true)
      lane.take()
      expect(lane.free).toBe(false)
      lane[end]()
    }
    expect(lane.free).toBe(true)
    expect(freed()).toBe(0)
  })

  it('rests from one second to thirty while there is nothing, and begins anew when there is', () => {
    const { timers, lane, freed } = setup()
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      lane.take()
      expect(lane.empty()).toBe(seconds === 1)
      timers.advance(seconds * 1000 - 1)
      expect(lane.free).toBe(false)
      timers.advance(1)
      expect(lane.free).toBe(true)
    }
    expect(freed()).toBe(7)
    lane.take()
    lane.served()
    lane.take()
    expect(lane.empty()).toBe(true)
    timers.advance(1000)
    expect(lane.free).toBe(true)
  })

  it('asks for twice as much where that would have come in time, up to 512 KiB', () => {
    const { clock, lane } = setup()
    const sizes = [9_999, 10_000, 0, 0, 0].map((ms) => {
      lane.take()
      clock.advance(ms)
      lane.served()
      return lane.bytes / KIB
    })
    expect(sizes).toEqual([128, 128, 256, 512, 512])
  })

  it('asks for half as much after a timeout, when the slowest link is clear, down to 64 KiB', () => {
    const { clock, lane } = setup()
    for (let times = 0; times < 3; times++) lane.served()
    for (const [graceMs, size] of [
      [160_000, 256],
      [80_000, 128],
      [40_000, 64],
      [20_000, 64],
    ] as const) {
      lane.take()
      lane.timedOut(pending)
      clock.advance(graceMs - 1)
      expect(lane.free).toBe(false)
      clock.advance(1)
      expect([lane.free, lane.bytes / KIB]).toEqual([true, size])
    }
  })

  it('is free when a late answer comes, and only once', async () => {
    const { clock, lane, freed } = setup()
    let arrive = () => {}
    const answered = new Promise<void>((resolve) => {
      arrive = resolve
    })
    lane.take()
    lane.timedOut(answered)
    clock.advance(20_000)
    lane.take()
    lane.timedOut(pending)
    arrive()
    await answered
    expect([lane.free, freed()]).toEqual([false, 1])
    clock.advance(20_000)
    lane.take()
    lane.timedOut(Promise.resolve())
    await answered
    expect([lane.free, freed(), clock.timers.size]).toEqual([true, 3, 0])
  })

  it('leaves no timer behind', () => {
    const { timers, lane, freed } = setup()
    lane.take()
    lane.empty()
    expect(timers.size).toBe(1)
    lane.stop()
    lane.empty()
    expect(timers.size).toBe(0)
    expect(freed()).toBe(0)
  })
})
