import { encodeMessage, type FramePipe, serveSnap } from 'cambium/server'
import { describe, expect, it, vi } from 'vitest'
import { virtualTimers } from '../../../test/support/snap/virtualTimers.ts'
import { AnswerBudget } from './AnswerBudget.ts'

function setup() {
  const timers = virtualTimers()
  let time = 0
  const budget = new AnswerBudget({ bytes: 100, patienceMs: 50, timers, now: () => time })
  const told: string[] = []
  /** Claims bytes under a name; `told` says what becomes of it. */
  function claim(name: string, bytes: number) {
    const leaving = new AbortController()
    const onEvict = () => void told.push(`${name} out`)
    const own = { bytes, signal: leaving.signal, onEvict }
    const taken = budget.take(own).then((release) => {
      told.push(`${name} in`)
      // Its answer is there at once.
      budget.shrink(own, bytes)
      return release
    })
    return { leave: () => leaving.abort(), release: async () => (await taken)() }
  }
  const pass = async (ms: number) => {
    time += ms
    timers.advance(ms)
    await new Promise((resolve) => setImmediate(resolve))
    return told.splice(0)
  }
  return { budget, claim, pass, timers }
}

describe('AnswerBudget', () => {
  it('lets in those who fit, and the others in their order', async () => {
    const { claim, pass } = setup()
    const first = claim('first', 60)
    const second = claim('second', 40)
    claim('third', 50)
    claim('small', 1)
    expect(await pass(0)).toEqual(['first in', 'second in'])
    await second.release()
    await second.release()
    // Ten bytes too few for the third, and the small one does not overtake it.
    expect(await pass(0)).toEqual([])
    await first.release()
    expect(await pass(0)).toEqual(['third in', 'small in'])
  })

  it('leaves a slow holder alone while nobody waits, and no timer behind', async () => {
    const { claim, pass, timers } = setup()
    const slow = claim('slow', 100)
    expect(await pass(1000)).toEqual(['slow in'])
    const next = claim('next', 100)
    expect(timers.size).toBe(1)
    await slow.release()
    await next.release()
    expect(timers.size).toBe(0)
  })

  it('takes from those who hold theirs for longest when others wait', async () => {
    const { claim, pass } = setup()
    claim('old', 50)
    await pass(0)
    await pass(20)
    claim('young', 50)
    await pass(0)
    claim('one', 50)
    claim('two', 50)
    expect(await pass(29)).toEqual([])
    expect(await pass(1)).toEqual(['old out', 'one in'])
    expect(await pass(19)).toEqual([])
    expect(await pass(1)).toEqual(['young out', 'two in'])
  })

  it('is patient with those whose answers are being made: it is not they who keep others waiting', async () => {
    const { budget, claim, pass } = setup()
    const waiting = { bytes: 60, signal: new AbortController().signal, onEvict: vi.fn() }
    await budget.take(waiting)
    claim('reader', 40)
    claim('next', 40)
    expect(await pass(0)).toEqual(['reader in'])
    expect(await pass(1000)).toEqual(['reader out', 'next in'])
    claim('last', 60)
    expect(await pass(1000)).toEqual(['next out'])
    expect(waiting.onEvict).not.toHaveBeenCalled()
    budget.shrink(waiting, 60)
    await pass(1000)
    expect(waiting.onEvict).toHaveBeenCalledOnce()
  })

  it('takes back what is not needed', async () => {
    const { budget, claim, pass } = setup()
    const wide = { bytes: 90, signal: new AbortController().signal, onEvict() {} }
    const release = await budget.take(wide)
    claim('next', 40)
    expect([await pass(0), budget.heldBytes, budget.waiting]).toEqual([[], 90, 1])
    budget.shrink(wide, 60)
    expect([await pass(0), budget.heldBytes, budget.holders]).toEqual([['next in'], 100, 2])
    budget.shrink(wide, 80)
    expect(budget.heldBytes).toBe(100)
    release()
    expect(budget.heldBytes).toBe(40)
    budget.shrink(wide, 0)
    expect(budget.heldBytes).toBe(40)
  })

  it('forgets those who leave, whether they hold or wait', async () => {
    const { claim, pass } = setup()
    const holder = claim('holder', 100)
    const waiter = claim('waiter', 100)
    claim('last', 100)
    waiter.leave()
    // It does not wait any longer, and what it gives back it never had.
    expect(await pass(0)).toEqual(['holder in', 'waiter in'])
    await waiter.release()
    expect(await pass(0)).toEqual([])
    holder.leave()
    expect(await pass(0)).toEqual(['last in'])
    claim('gone', 100).leave()
    expect(await pass(0)).toEqual(['gone in'])
  })

  it('bounds what servers hold for all who do not read, while who reads is served', async () => {
    const timers = virtualTimers()
    let time = 0
    const budget = new AnswerBudget({ bytes: 100, patienceMs: 50, timers, now: () => time })
    const codes = [new Uint8Array(9)]
    const question = { kind: 'GetByteCodes', hashes: [new Uint8Array(32)], bytes: 9 } as const
    let held = 0
    let most = 0
    let answered = 0
    /** Serves a peer that asks ten times, and takes its answers, or does not. */
    const serve = (reads: boolean) => {
      const ended = new AbortController()
      let mine = 0
      const pipe: FramePipe = {
        peer: 'peer',
        transport: 'memory',
        async *[Symbol.asyncIterator]() {
          for (let id = 0n; id < 10n; id++) {
            if (!ended.signal.aborted) yield encodeMessage({ ...question, id })
          }
        },
        send({ length }) {
          if (ended.signal.aborted) return
          if (reads) answered++
          else mine += length
          held += reads ? 0 : length
          most = Math.max(most, held)
        },
        drain: () =>
          new Promise((resolve) => {
            if (reads || ended.signal.aborted) resolve()
            else ended.signal.addEventListener('abort', () => resolve())
          }),
        close() {
          held -= mine
          mine = 0
          ended.abort()
        },
      }
      const reserve = async () => {
        const claim = { bytes: 20, signal: ended.signal, onEvict: () => pipe.close() }
        const release = await budget.take(claim)
        budget.shrink(claim, 20)
        return release
      }
      const answer = ({ id }: { id: bigint }) => ({ kind: 'ByteCodes', id, codes }) as const
      return serveSnap(pipe, answer, { concurrency: 1, reserve })
    }
    for (let count = 0; count < 200; count++) void serve(false)
    void serve(true)
    while (answered < 10 && time < 10_000) {
      // Not an immediate: on a slow machine servers yield to each other by timers, and all of these
      // must pass first.
      await new Promise((resolve) => setTimeout(resolve))
      await new Promise((resolve) => setImmediate(resolve))
      time += 10
      timers.advance(10)
    }
    expect(answered).toBe(10)
    // Two hundred at five a time, for 50 ms and up to 10 more for each of them.
    expect(time).toBeLessThan(4_000)
    expect([most > 20, most <= 100]).toEqual([true, true])
  })
})
