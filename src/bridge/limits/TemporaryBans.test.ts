import { describe, expect, it } from 'vitest'
import { Bench } from './TemporaryBans.ts'

function setUp() {
  const clock = { ms: 0 }
  return { clock, bench: new Bench({ faults: 2, ms: 1000, now: () => clock.ms }) }
}

describe('Bench', () => {
  it('lets two faults pass, and takes the third', () => {
    const { bench } = setUp()
    expect([bench.note('a'), bench.note('a'), bench.has('a')]).toEqual([false, false, false])
    expect([bench.note('b'), bench.note('a'), bench.has('a')]).toEqual([false, true, true])
    expect(bench.has('b')).toBe(false)
  })

  it('forgets what is long ago', () => {
    const { bench, clock } = setUp()
    bench.note('a')
    clock.ms = 500
    bench.note('a')
    clock.ms = 1001
    expect(bench.note('a')).toBe(false)
    expect(bench.note('a')).toBe(true)
  })

  it('keeps who is benched for a while after the last fault', () => {
    const { bench, clock } = setUp()
    for (const ms of [0, 900, 990, 1500]) {
      clock.ms = ms
      bench.note('a')
    }
    clock.ms = 2499
    expect(bench.has('a')).toBe(true)
    clock.ms = 2500
    expect(bench.has('a')).toBe(false)
  })

  it('remembers so many, and forgives the oldest', () => {
    const { bench } = setUp()
    for (let fault = 0; fault < 3; fault++) bench.note('first')
    for (let count = 0; count < 4095; count++) bench.note(`${count}`)
    expect(bench.has('first')).toBe(true)
    bench.note('one more')
    expect(bench.has('first')).toBe(false)
  })
})
