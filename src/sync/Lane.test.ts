import { describe, expect, it } from 'vitest'
import { virtualTimers } from '../snap/fixtures/virtualTimers.ts'
import { Lane } from './Lane.ts'

function setup() {
  const timers = virtualTimers()
  let freed = 0
  const lane = new Lane({ timers, onFree: () => freed++ })
  return { timers, lane, freed: () => freed }
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
