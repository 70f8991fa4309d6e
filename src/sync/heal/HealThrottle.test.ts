import { describe, expect, it } from 'vitest'
import { HealThrottle } from './HealThrottle.ts'

/** Takes in `nodes` per second for some seconds while `waiting` wait. */
function run(waiting: number, nodes: number, seconds: number): number[] {
  let time = 0
  const throttle = new HealThrottle(() => time)
  throttle.arrived(waiting)
  return Array.from({ length: seconds }, () => {
    time += 1000
    throttle.arrived(nodes)
    throttle.left(nodes)
    throttle.taken(nodes, 1000)
    return throttle.divisor
  })
}

describe('the throttle of healing', () => {
  it('lets all through while less waits than two seconds take', () => {
    // At 1000 nodes per second the rate is known to be above 990 after the first.
    expect(run(1980, 1000, 5)).toEqual([1, 1, 1, 1, 1])
  })

  it('grows by a third per second while more waits, up to 1024', () => {
    const divisors = run(2001, 1000, 40)
    expect(divisors[0]).toBeCloseTo(1.33)
    expect(divisors[1]).toBeCloseTo(1.33 ** 2)
    expect(divisors.at(-1)).toBe(1024)
  })

  it('falls by a fifth per second when less waits, down to 1', () => {
    let time = 0
    const throttle = new HealThrottle(() => time)
    const second = () => {
      time += 1000
      throttle.taken(1000, 1000)
      return throttle.divisor
    }
    throttle.arrived(3000)
    for (let count = 0; count < 3; count++) second()
    const top = throttle.divisor
    throttle.left(3000)
    expect(second()).toBeCloseTo(top / 1.25)
    for (let count = 0; count < 10; count++) second()
    expect(throttle.divisor).toBe(1)
  })

  it('moves at most once per second, whatever comes', () => {
    let time = 0
    const throttle = new HealThrottle(() => time)
    throttle.arrived(1_000_000)
    for (; time < 999; time += 111) throttle.taken(100, 10)
    expect(throttle.divisor).toBe(1)
    time = 1000
    throttle.taken(100, 10)
    throttle.taken(100, 10)
    expect(throttle.divisor).toBeCloseTo(1.33)
  })

  it('forgets a rate within some hundred nodes, and bears a clock that stands still', () => {
    let time = 0
    const throttle = new HealThrottle(() => time)
    // 500 000 nodes per second, as far as the clock tells.
    throttle.taken(500, 0)
    throttle.arrived(10_000)
    time = 1000
    throttle.taken(1, 0)
    expect(throttle.divisor).toBe(1)
    // And now 100 per second: a thousand nodes later 10 000 are too many.
    for (let count = 0; count < 10; count++) throttle.taken(100, 1000)
    time = 2000
    throttle.taken(100, 1000)
    expect(throttle.divisor).toBeGreaterThan(1)
  })
})
