import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { IdleAudit } from './IdleAudit.ts'

const toFake = ['setTimeout', 'clearTimeout', 'performance'] as const

beforeEach(() => void vi.useFakeTimers({ toFake: [...toFake] }))
afterEach(() => void vi.useRealTimers())

/** An audit of a state that never ends by itself; counts its pages. */
function endless(idle: IdleAudit) {
  const seen = { pages: 0, ended: false }
  idle.start(async (signal, onPage) => {
    while (!signal.aborted) {
      seen.pages++
      await onPage()
    }
    seen.ended = true
  })
  return seen
}

describe('an idle audit', () => {
  it('looks at four pages, and rests', async () => {
    const idle = new IdleAudit()
    const seen = endless(idle)
    for (const pages of [4, 8, 12]) {
      await vi.advanceTimersByTimeAsync(19)
      expect(seen.pages).toBe(pages)
      await vi.advanceTimersByTimeAsync(1)
    }
    idle.stop()
    await vi.advanceTimersByTimeAsync(20)
    expect([seen.ended, vi.getTimerCount()]).toEqual([true, 0])
  })

  it('waits while somebody reads', async () => {
    const idle = new IdleAudit()
    const seen = endless(idle)
    await vi.advanceTimersByTimeAsync(0)
    for (let read = 0; read < 50; read++) {
      idle.yield()
      await vi.advanceTimersByTimeAsync(50)
    }
    expect(seen.pages).toBe(4)
    await vi.advanceTimersByTimeAsync(100)
    expect(seen.pages).toBeGreaterThan(4)
    idle.stop()
    await vi.advanceTimersByTimeAsync(20)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is one at a time: the next takes its place', async () => {
    const idle = new IdleAudit()
    const first = endless(idle)
    await vi.advanceTimersByTimeAsync(10)
    const second = endless(idle)
    await vi.advanceTimersByTimeAsync(40)
    expect([first.ended, first.pages]).toEqual([true, 4])
    expect(second.pages).toBeGreaterThan(4)
    idle.stop()
    await vi.advanceTimersByTimeAsync(20)
    expect(second.ended).toBe(true)
  })
})
