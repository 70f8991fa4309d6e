import { describe, expect, it } from 'vitest'
import { Backlog } from './OwedAnswers.ts'

describe('Backlog', () => {
  it('adds up what is owed', () => {
    const backlog = new Backlog()
    const first = backlog.add(20_000)
    backlog.add(160_000)
    expect(backlog.ms).toBe(180_000)
    backlog.remove(first)
    backlog.remove(first)
    expect(backlog.ms).toBe(160_000)
  })

  it('is clear when no late answer is owed, whatever else is', () => {
    const backlog = new Backlog()
    const calls: string[] = []
    const [a, b, wanted] = [backlog.add(1), backlog.add(1), backlog.add(1)]
    a.late = true
    b.late = true
    backlog.whenClear(() => calls.push('a'))
    backlog.whenClear(() => calls.push('b'))
    backlog.remove(a)
    expect(calls).toEqual([])
    backlog.remove(b)
    expect(calls).toEqual(['a', 'b'])
    backlog.remove(b)
    backlog.remove(wanted)
    expect(calls).toEqual(['a', 'b'])
  })

  it('lets those who are called back wait again', () => {
    const backlog = new Backlog()
    let calls = 0
    const again = () => {
      calls++
      backlog.whenClear(again)
    }
    backlog.whenClear(again)
    backlog.remove(backlog.add(1))
    expect(calls).toBe(1)
    backlog.remove(backlog.add(1))
    expect(calls).toBe(2)
  })
})
