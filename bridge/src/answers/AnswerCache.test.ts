import {
  decodeMessage,
  encodeMessage,
  type GetByteCodes,
  type SnapRequest,
  type SnapServer,
} from 'cambium/server'
import { describe, expect, it, vi } from 'vitest'
import type { GetAccountRange } from '../../../src/snap/SnapMessage.ts'
import { stateHandler } from '../../../src/snap/server/stateHandler.ts'
import { sampleState } from '../../../test/support/snap/sampleState.ts'
import { AnswerCache, type CacheOutcome } from './AnswerCache.ts'

const { source, root, codes } = sampleState()
const handler = stateHandler(source)

function request(id: bigint, first = 0, bytes = 4096): GetAccountRange {
  const origin = new Uint8Array(32).fill(first, 0, 1)
  return { kind: 'GetAccountRange', id, root, origin, limit: new Uint8Array(32).fill(0xff), bytes }
}

function setUp(answer: SnapServer = handler, maxBytes = 2 ** 20) {
  const outcomes: CacheOutcome[] = []
  const asked = vi.fn(answer)
  const onAnswer = (outcome: CacheOutcome) => outcomes.push(outcome)
  return { asked, outcomes, cache: new AnswerCache({ answer: asked, maxBytes, onAnswer }) }
}

/** An answer as a browser reads it. */
async function read(cache: AnswerCache, request: SnapRequest) {
  return decodeMessage(encodeMessage(await cache.answer(request)))
}

describe('AnswerCache', () => {
  it('answers equal requests from one answer, under the id of each', async () => {
    const { cache, asked, outcomes } = setUp()
    for (const id of [1n, 2n, 77n]) {
      expect(await read(cache, request(id))).toEqual(handler(request(id)))
    }
    expect(asked).toHaveBeenCalledTimes(1)
    expect(outcomes).toEqual(['miss', 'hit', 'hit'])
  })

  it('asks anew where anything but the id differs', async () => {
    const { cache, asked } = setUp()
    const others: SnapRequest[] = [
      request(1n),
      request(1n, 1),
      request(1n, 0, 4097),
      { ...request(1n), limit: new Uint8Array(32).fill(0xfe) },
      { ...request(1n), root: new Uint8Array(32) },
    ]
    for (const other of others) expect(await read(cache, other)).toEqual(handler(other))
    expect(asked).toHaveBeenCalledTimes(others.length)
  })

  it('makes one request of those that are made at the same time', async () => {
    let answer = (_: undefined) => {}
    const waiting = new Promise<undefined>((resolve) => {
      answer = resolve
    })
    const { cache, asked, outcomes } = setUp(async (asked) => {
      await waiting
      return handler(asked)
    })
    const answers = [1n, 2n, 3n].map((id) => read(cache, request(id)))
    answer(undefined)
    expect(await Promise.all(answers)).toEqual([1n, 2n, 3n].map((id) => handler(request(id))))
    expect(asked).toHaveBeenCalledTimes(1)
    expect(outcomes).toEqual(['miss', 'joined', 'joined'])
  })

  it('keeps no answer with nothing in it: what is not there yet may come', async () => {
    const { cache, asked } = setUp()
    const unknown: GetByteCodes[] = [1n, 2n].map((id) => {
      return { kind: 'GetByteCodes', id, hashes: [new Uint8Array(32)], bytes: 4096 }
    })
    for (const one of unknown) {
      expect(await read(cache, one)).toEqual({ kind: 'ByteCodes', id: one.id, codes: [] })
    }
    const elsewhere = { ...request(3n), root: new Uint8Array(32) }
    expect(await read(cache, elsewhere)).toMatchObject({ kind: 'AccountRange', proof: [] })
    expect(asked).toHaveBeenCalledTimes(3)
    expect(cache.bytes).toBe(0)
    expect(codes.length).toBeGreaterThan(0)
  })

  it('tells all who wait of a failure, and asks anew after it', async () => {
    let failing = true
    const { cache, asked } = setUp(async (asked) => {
      if (failing) throw new Error('gone')
      return handler(asked)
    })
    const answers = [1n, 2n].map((id) => read(cache, request(id)))
    for (const answer of answers) await expect(answer).rejects.toThrow('gone')
    failing = false
    expect(await read(cache, request(3n))).toEqual(handler(request(3n)))
    expect(asked).toHaveBeenCalledTimes(2)
  })

  it('stays within its bytes, and keeps what was asked for last', async () => {
    const { cache, asked } = setUp(handler, 16 * 1024)
    for (let first = 0; first < 64; first++) {
      await cache.answer(request(1n, first))
      expect(cache.bytes).toBeLessThanOrEqual(16 * 1024)
    }
    expect(cache.bytes).toBeGreaterThan(8 * 1024)
    asked.mockClear()
    await cache.answer(request(2n, 63))
    expect(asked).not.toHaveBeenCalled()
    await cache.answer(request(2n, 0))
    expect(asked).toHaveBeenCalledTimes(1)
  })

  it('keeps nothing where it has no room, and still answers', async () => {
    const { cache, asked } = setUp(handler, 0)
    for (const id of [1n, 2n]) expect(await read(cache, request(id))).toEqual(handler(request(id)))
    expect(asked).toHaveBeenCalledTimes(2)
    expect(cache.bytes).toBe(0)
  })

  it('forgets an answer that turned out to be false', async () => {
    const { cache, asked } = setUp()
    await cache.answer(request(1n))
    cache.forget(request(9n))
    await cache.answer(request(2n))
    expect(asked).toHaveBeenCalledTimes(2)
  })

  it('does not keep an answer that was found to be false while it was on its way', async () => {
    let answer = (_: undefined) => {}
    const { cache, asked } = setUp(async (asked) => {
      await new Promise<undefined>((resolve) => {
        answer = resolve
      })
      return handler(asked)
    })
    const first = cache.answer(request(1n))
    cache.forget(request(1n))
    answer(undefined)
    await first
    const second = cache.answer(request(2n))
    answer(undefined)
    await second
    expect(asked).toHaveBeenCalledTimes(2)
  })

  it('does not hold the whole frame that an answer came in', async () => {
    const frame = new Uint8Array(2 ** 20)
    frame.set([0xc1, 0x01, 0xc0])
    const { cache } = setUp(({ id }) => {
      return { kind: 'AccountRange', id, fields: frame.subarray(0, 3) }
    })
    const { fields } = await cache.answer(request(1n))
    expect(fields.buffer.byteLength).toBe(3)
  })
})
