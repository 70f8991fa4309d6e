import { describe, expect, it } from 'vitest'
import type { TrustedHeader } from '../chain/TrustedHeader.ts'
import { trustedHeaders } from './trustedHeaders.ts'

const hash = `0x${'ab'.repeat(32)}` as const
const stateRoot = `0x${'CD'.repeat(32)}` as const
const good = { number: 7, hash, stateRoot }

async function* stream(...headers: unknown[]): AsyncGenerator<TrustedHeader> {
  for (const header of headers) yield header as TrustedHeader
}

async function read(headers: AsyncIterable<TrustedHeader>): Promise<unknown[]> {
  const seen: unknown[] = []
  for await (const header of trustedHeaders(headers)) seen.push(header)
  return seen
}

describe('trustedHeaders', () => {
  it('takes numbers of both kinds, and hashes as bytes', async () => {
    const bytes = { hash: new Uint8Array(32).fill(0xab), stateRoot: new Uint8Array(32).fill(0xcd) }
    const largest = Number.MAX_SAFE_INTEGER
    const headers = stream(
      { ...good, number: 0 },
      { ...good, number: 8n },
      { ...good, number: largest },
    )
    expect(await read(headers)).toEqual([0, 8, largest].map((number) => ({ number, ...bytes })))
  })

  it.each([
    [null, 'got null'],
    [undefined, 'got undefined'],
    ['0x12', 'got "0x12"'],
    [{ ...good, number: -1 }, 'got -1'],
    [{ ...good, number: 1.5 }, 'got 1.5'],
    [{ ...good, number: Number.NaN }, 'got NaN'],
    [{ ...good, number: '7' }, 'got "7"'],
    [{ ...good, number: -1n }, 'got -1'],
    [{ ...good, number: 2n ** 53n }, 'got 9007199254740992'],
    [{ ...good, number: Object.create(null) }, 'got an object'],
    [{ hash, stateRoot }, 'got undefined'],
    [
      { ...good, hash: '0x12' },
      'hash of trusted header 7 must be 32 bytes in hexadecimal after 0x, got "0x12"',
    ],
    [
      { number: 7, hash },
      'stateRoot of trusted header 7 must be 32 bytes in hexadecimal after 0x, got undefined',
    ],
    [{ ...good, stateRoot: new Uint8Array(32) }, 'stateRoot of trusted header 7'],
  ])('refuses %o, and names it', async (header, message) => {
    const failure = expect(read(stream(good, header))).rejects
    await failure.toMatchObject({ code: 'TRUST', message: expect.stringContaining(message) })
  })

  it.each([[undefined], [null], [7], [[good]], [{}]])('refuses %o, which is no stream', (value) => {
    expect(() => trustedHeaders(value as never)).toThrow(expect.objectContaining({ code: 'TRUST' }))
  })

  it('passes on what the stream throws', async () => {
    const failure = new Error('the node is gone')
    async function* broken(): AsyncGenerator<TrustedHeader> {
      yield good
      throw failure
    }
    await expect(read(broken())).rejects.toBe(failure)
  })

  it('leaves the stream when its reader does, and after a malformed header', async () => {
    let left = 0
    const endless = (number: number) => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ value: { ...good, number } }),
        return: async () => {
          left++
          return { done: true as const, value: undefined }
        },
      }),
    })
    for await (const header of trustedHeaders(endless(7))) if (header.number === 7) break
    expect(left).toBe(1)
    await expect(read(endless(-7))).rejects.toMatchObject({ code: 'TRUST' })
    expect(left).toBe(2)
  })
})
