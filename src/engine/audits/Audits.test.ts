import { describe, expect, it } from 'vitest'
import { Audits } from './Audits.ts'

describe('audits', () => {
  it('are waited for by who comes after them, and not by who is aborted', async () => {
    const audits = new Audits()
    const { signal } = new AbortController()
    await audits.ended(signal)
    const ends: ((fails?: Error) => void)[] = []
    const audit = () =>
      new Promise<number>((resolve, reject) => {
        ends.push((error) => (error ? reject(error) : resolve(7)))
      })
    const reports = [audits.run(1, audit), audits.run(2, audit)]
    const order: string[] = []
    const ended = audits.ended(signal).then(() => order.push('ended'))
    const controller = new AbortController()
    const aborted = audits.ended(controller.signal).then(() => order.push('aborted'))
    controller.abort()
    await aborted
    await audits.ended(AbortSignal.abort())
    ends[0]!()
    expect(await reports[0]).toBe(7)
    order.push('first')
    ends[1]!(new Error('torn'))
    await expect(reports[1]).rejects.toThrow('torn')
    await ended
    expect(order).toEqual(['aborted', 'first', 'ended'])
  })

  it('are aborted by their ids, or all', async () => {
    const audits = new Audits()
    const told: number[] = []
    const audit = (id: number) =>
      audits.run(id, (signal) => {
        return new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            told.push(id)
            resolve()
          })
        })
      })
    const running = [audit(1), audit(2), audit(3)]
    audits.abort(2)
    audits.abort(9)
    await running[1]
    expect(told).toEqual([2])
    audits.abortAll()
    await Promise.all(running)
    expect(told).toEqual([2, 1, 3])
  })
})
