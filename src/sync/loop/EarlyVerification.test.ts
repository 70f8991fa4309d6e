import { beforeEach, describe, expect, it } from 'vitest'
import { type ComeAnswer, EarlyVerification } from './EarlyVerification.ts'
import type { AnyWork } from './Work.ts'

/** How many answers the other threads take, and what they have. */
let room: number
let given: { request: unknown; back(verified: unknown): Promise<void> }[]
let back: ComeAnswer[]
let errors: unknown[]
let ahead: EarlyVerification<ComeAnswer>

const work = {
  verifyEarly(request: unknown) {
    if (given.length === room) return undefined
    return new Promise<unknown>((resolve) => {
      given.push({
        request,
        async back(verified) {
          given = given.filter((it) => it.request !== request)
          resolve(verified)
          await new Promise((done) => setImmediate(done))
        },
      })
    })
  },
} as unknown as AnyWork

/** An answer that has come, named after its request. */
function come(request: string, of = work): ComeAnswer {
  const answer = { work: of, request, answer: {} as ComeAnswer['answer'], verified: undefined }
  ahead.add(answer)
  return answer
}

const requests = () => given.map(({ request }) => request)

beforeEach(() => {
  room = 0
  given = []
  back = []
  errors = []
  ahead = new EarlyVerification(
    (answer) => back.push(answer),
    (error) => errors.push(error),
  )
})

describe('EarlyVerification', () => {
  it('leaves all answers to their turn where nobody takes them', () => {
    const answers = [come('a'), come('b', {} as AnyWork), come('c')]
    expect(ahead.busy).toBe(false)
    for (const answer of answers) expect(ahead.take(answer)).toBe(true)
    expect(back).toEqual([])
  })

  it('brings an answer back whose turn came while another thread had it', async () => {
    room = 1
    const answer = come('a')
    expect(ahead.busy).toBe(true)
    expect(ahead.take(answer)).toBe(false)
    await given[0]!.back('proof')
    expect(ahead.busy).toBe(false)
    expect(back).toEqual([{ ...answer, verified: 'proof' }])
    expect(ahead.take(answer)).toBe(true)
  })

  it('keeps what is verified before its turn until then, and brings it once', async () => {
    room = 1
    const answer = come('a')
    await given[0]!.back('proof')
    expect(back).toEqual([])
    expect(ahead.take(answer)).toBe(true)
    expect(answer.verified).toBe('proof')
  })

  it('gives the oldest that waits away whenever there is room, and none whose turn has come', async () => {
    room = 2
    const [, , third] = ['a', 'b', 'c', 'd', 'e'].map((request) => come(request))
    expect(requests()).toEqual(['a', 'b'])
    expect(ahead.take(third!)).toBe(true)
    await given[0]!.back('proof')
    expect(requests()).toEqual(['b', 'd'])
    await given[1]!.back(undefined)
    expect(requests()).toEqual(['b', 'e'])
  })

  it('does not give away again what was not verified', async () => {
    room = 1
    const answer = come('a')
    expect(ahead.take(answer)).toBe(false)
    await given[0]!.back(undefined)
    expect(requests()).toEqual([])
    expect(back).toEqual([answer])
    expect(ahead.take(answer)).toBe(true)
  })

  it('gives nothing away after its end', async () => {
    room = 1
    come('a')
    come('b')
    ahead.stop()
    await given[0]!.back('proof')
    expect(requests()).toEqual([])
  })

  it('tells of a promise that rejects, which none does', async () => {
    const error = new Error('broken')
    come('a', { verifyEarly: () => Promise.reject(error) } as unknown as AnyWork)
    await expect.poll(() => errors).toEqual([error])
  })

  it('lets messages come in a turn', async () => {
    const { port1, port2 } = new MessageChannel()
    let heard = false
    port1.onmessage = () => {
      heard = true
    }
    port2.postMessage('hello')
    // Between two ports no order is promised.
    for (let turns = 0; turns < 100 && !heard; turns++) await ahead.turn()
    expect(heard).toBe(true)
    ahead.stop()
    port1.close()
  })
})
