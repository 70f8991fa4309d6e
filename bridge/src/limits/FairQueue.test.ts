import { describe, expect, it } from 'vitest'
import { virtualTimers } from '../../../test/support/snap/virtualTimers.ts'
import { FairQueue, type FairQueueOptions, type Work } from './FairQueue.ts'

const ANY = Number.POSITIVE_INFINITY

function setUp(options: Partial<FairQueueOptions> = {}) {
  const timers = virtualTimers()
  let time = 0
  const turns: (() => void)[] = []
  const queue = new FairQueue({
    ...{ bytesPerSecond: ANY, bytesPerSecondEach: ANY, maxInWork: ANY, maxInWorkEach: ANY },
    ...{ timers, now: () => time, nextTurn: (callback) => turns.push(callback) },
    ...options,
  })
  /** In the order in which requests were begun. */
  const begun: string[] = []

  /** A request under a name; it is answered at once with `work`, or when told to. */
  function ask(who: string, work?: Partial<Work>, signal = new AbortController().signal) {
    let answer = (_: Work) => {}
    void queue.take({ who, bytes: work?.bytes ?? 0, signal }).then((done) => {
      if (signal.aborted) return
      begun.push(who)
      answer = done
      if (work !== undefined) done({ bytes: 0, ms: 0, ...work })
    })
    return { answer: (work: Partial<Work> = {}) => answer({ bytes: 0, ms: 0, ...work }) }
  }

  /** Lets turns of the event loop pass until nothing more is begun; `ms` before that. */
  async function pass(ms = 0): Promise<string[]> {
    time += ms
    timers.advance(ms)
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve))
      const [turn] = turns.splice(0, 1)
      if (turn === undefined) return begun.splice(0)
      turn()
    }
  }

  return { queue, ask, pass, timers, turns }
}

function counted(names: string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

describe('FairQueue', () => {
  it('begins requests in their order', async () => {
    const { ask, pass, queue } = setUp()
    for (const who of ['a', 'b', 'c']) ask(who, {})
    expect([queue.waiting, queue.inWork]).toEqual([3, 0])
    expect(await pass()).toEqual(['a', 'b', 'c'])
    expect([queue.waiting, queue.inWork]).toEqual([0, 0])
  })

  it('looks for others after it has worked for a while', async () => {
    let time = 0
    // Each request takes 20 ms.
    const { ask, pass, turns } = setUp({ now: () => (time += 10) })
    for (let count = 0; count < 20; count++) ask('busy', { bytes: 1000 })
    const first = turns.shift()!
    first()
    await new Promise((resolve) => setImmediate(resolve))
    expect(turns).toHaveLength(1)
    ask('late', { bytes: 1000 })
    const begun = await pass()
    expect(begun.length).toBe(21)
    expect(begun.indexOf('late')).toBeGreaterThan(0)
    expect(begun.indexOf('late')).toBeLessThan(8)
  })

  it('serves who asks little before who asks much', async () => {
    const { ask, pass } = setUp()
    for (let count = 0; count < 50; count++) ask('flood', { bytes: 1000 })
    ask('modest', { bytes: 1000 })
    expect((await pass()).indexOf('modest')).toBe(1)
  })

  it('gives equal bytes to all who want more than there is', async () => {
    const { ask, pass } = setUp({ bytesPerSecond: 1_000_000 })
    for (let count = 0; count < 1000; count++) {
      ask('small', { bytes: 10_000 })
      ask('large', { bytes: 90_000 })
      if (count < 5) ask('rare', { bytes: 10_000 })
    }
    const seconds: string[] = []
    for (let step = 0; step < 100; step++) seconds.push(...(await pass(100)))
    const { small = 0, large = 0, rare } = counted(seconds)
    expect(rare).toBe(5)
    // With what each request costs besides its answer.
    const [bySmall, byLarge] = [small * 14_096, large * 94_096]
    expect(bySmall / byLarge).toBeGreaterThan(0.95)
    expect(bySmall / byLarge).toBeLessThan(1.05)
    expect((small + 5) * 10_000 + large * 90_000).toBeGreaterThan(10_000_000)
    expect((small + 5) * 10_000 + large * 90_000).toBeLessThan(11_200_000)
  })

  it('counts the time that was worked, where answers are small', async () => {
    const { ask, pass } = setUp()
    for (let count = 0; count < 40; count++) {
      ask('costly', { bytes: 100, ms: 10 })
      ask('cheap', { bytes: 100, ms: 0 })
    }
    const first = (await pass()).slice(0, 41)
    expect(counted(first)).toEqual({ costly: 1, cheap: 40 })
  })

  it('counts answers that are still made as what they are expected to be', async () => {
    const { ask, pass } = setUp()
    for (let count = 0; count < 4; count++) ask('slow')
    ask('other')
    expect((await pass()).slice(0, 2)).toEqual(['slow', 'other'])
  })

  it('saves nothing up for who was quiet', async () => {
    const { ask, pass } = setUp()
    ask('quiet', { bytes: 1000 })
    for (let count = 0; count < 100; count++) ask('busy', { bytes: 1000 })
    await pass()
    for (let count = 0; count < 10; count++) {
      ask('busy', { bytes: 1000 })
      ask('quiet', { bytes: 1000 })
    }
    expect(counted((await pass()).slice(0, 10)).busy).toBeGreaterThan(3)
  })

  it('lets who had too much wait, and nobody else', async () => {
    const { ask, pass, timers } = setUp({ bytesPerSecondEach: 1000 })
    for (let count = 0; count < 4; count++) ask('a', { bytes: 1500 })
    // A second's worth at first, and the debt of 500 is made up for in half a second.
    expect(await pass()).toEqual(['a'])
    ask('b', { bytes: 1 })
    expect(await pass()).toEqual(['b'])
    expect(await pass(499)).toEqual([])
    expect(await pass(2)).toEqual(['a'])
    expect(await pass(1499)).toEqual([])
    expect(await pass(2)).toEqual(['a'])
    expect(timers.size).toBe(1)
  })

  it('works on so many at a time, of all and of one', async () => {
    const { ask, pass, queue } = setUp({ maxInWork: 3, maxInWorkEach: 2 })
    const held = [ask('a'), ask('a'), ask('a'), ask('b'), ask('c')]
    expect(await pass()).toEqual(['a', 'b', 'c'])
    held[4]!.answer()
    held[4]!.answer()
    expect(await pass()).toEqual(['a'])
    held[3]!.answer()
    // A third one of the same is not begun, though there is room.
    expect(await pass()).toEqual([])
    expect([queue.waiting, queue.inWork]).toEqual([1, 2])
    held[0]!.answer()
    expect(await pass()).toEqual(['a'])
  })

  it('forgets those who leave', async () => {
    const { ask, pass, queue } = setUp({ maxInWork: 1 })
    const first = ask('a')
    await pass()
    const leaving = new AbortController()
    ask('b', {}, leaving.signal)
    ask('c', {})
    leaving.abort()
    expect(queue.waiting).toBe(1)
    first.answer()
    expect(await pass()).toEqual(['c'])
    ask('d', {}, leaving.signal)
    expect(queue.waiting).toBe(0)
    expect(await pass()).toEqual([])
  })

  it('keeps those apart who come by the thousand', async () => {
    const { ask, pass } = setUp({ bytesPerSecondEach: 1000 })
    ask('debtor', { bytes: 100_000 })
    await pass()
    for (let count = 0; count < 3000; count++) ask(`passer-by ${count}`, { bytes: 1 })
    expect(await pass()).toHaveLength(3000)
    ask('debtor', {})
    expect(await pass(1000)).toEqual([])
  })
})
