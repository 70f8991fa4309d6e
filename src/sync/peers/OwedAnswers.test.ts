import { describe, expect, it } from 'vitest'
import { OwedAnswers } from './OwedAnswers.ts'

describe('OwedAnswers', () => {
  it('adds up what is owed', () => {
    const owed = new OwedAnswers()
    const first = owed.add(20_000)
    owed.add(160_000)
    expect(owed.ms).toBe(180_000)
    owed.remove(first)
    owed.remove(first)
    expect(owed.ms).toBe(160_000)
  })

  it('is clear when no late answer is owed, whatever else is', () => {
    const owed = new OwedAnswers()
    const calls: string[] = []
    const [a, b, wanted] = [owed.add(1), owed.add(1), owed.add(1)]
    a.late = true
    b.late = true
    owed.whenClear(() => calls.push('a'))
    owed.whenClear(() => calls.push('b'))
    owed.remove(a)
    expect(calls).toEqual([])
    owed.remove(b)
    expect(calls).toEqual(['a', 'b'])
    owed.remove(b)
    owed.remove(wanted)
    expect(calls).toEqual(['a', 'b'])
  })

  it('lets those who are called back wait again', () => {
    const owed = new OwedAnswers()
    let calls = 0
    const again = () => {
      calls++
      owed.whenClear(again)
    }
    owed.whenClear(again)
    owed.remove(owed.add(1))
    expect(calls).toBe(1)
    owed.remove(owed.add(1))
    expect(calls).toBe(2)
  })
})
