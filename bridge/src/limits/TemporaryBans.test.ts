import { describe, expect, it } from 'vitest'
import { TemporaryBans } from './TemporaryBans.ts'

function setUp() {
  const clock = { ms: 0 }
  return { clock, bans: new TemporaryBans({ faults: 2, ms: 1000, now: () => clock.ms }) }
}

describe('TemporaryBans', () => {
  it('lets two faults pass, and takes the third', () => {
    const { bans } = setUp()
    expect([bans.note('a'), bans.note('a'), bans.has('a')]).toEqual([false, false, false])
    expect([bans.note('b'), bans.note('a'), bans.has('a')]).toEqual([false, true, true])
    expect(bans.has('b')).toBe(false)
  })

  it('forgets what is long ago', () => {
    const { bans, clock } = setUp()
    bans.note('a')
    clock.ms = 500
    bans.note('a')
    clock.ms = 1001
    expect(bans.note('a')).toBe(false)
    expect(bans.note('a')).toBe(true)
  })

  it('keeps who is banned for a while after the last fault', () => {
    const { bans, clock } = setUp()
    for (const ms of [0, 900, 990, 1500]) {
      clock.ms = ms
      bans.note('a')
    }
    clock.ms = 2499
    expect(bans.has('a')).toBe(true)
    clock.ms = 2500
    expect(bans.has('a')).toBe(false)
  })

  it('remembers so many, and forgives those not seen for longest', () => {
    const { bans } = setUp()
    for (let fault = 0; fault < 3; fault++) bans.note('first')
    for (let count = 0; count < 4095; count++) bans.note(`${count}`)
    bans.note('one more')
    expect(bans.has('first')).toBe(false)
  })
})
