import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RecentReads } from './RecentReads.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** Answers count how often was asked. */
function setup() {
  const reads = new RecentReads()
  let asked = 0
  const read = (key = 'a') =>
    reads.ask(key, async () => {
      return { value: { nonce: BigInt(++asked) } }
    })
  return { reads, read, nonce: async (key?: string) => Number((await read(key)).value.nonce) }
}

describe('RecentReads', () => {
  it('asks once for what is asked at once, and for a twentieth of a second', async () => {
    const { nonce } = setup()
    expect(await Promise.all([nonce(), nonce(), nonce()])).toEqual([1, 1, 1])
    vi.advanceTimersByTime(50)
    expect(await nonce()).toBe(1)
    vi.advanceTimersByTime(1)
    expect(await nonce()).toBe(2)
  })

  it('tells what is asked apart by its key', async () => {
    const { nonce } = setup()
    expect([await nonce('a'), await nonce('b'), await nonce('a')]).toEqual([1, 2, 1])
  })

  it('gives nothing that was asked for before another state answers, not even if it comes later', async () => {
    const { reads, nonce } = setup()
    const before = nonce()
    reads.forget()
    expect(await nonce()).toBe(2)
    expect(await before).toBe(1)
  })

  it('keeps no failure', async () => {
    const { reads, nonce } = setup()
    const failing = () => reads.ask('a', () => Promise.reject(new Error('busy')))
    await expect(Promise.all([failing(), failing()])).rejects.toThrow('busy')
    expect(await nonce()).toBe(1)
  })

  it('gives everybody a copy', async () => {
    const { read, nonce } = setup()
    for (const answer of await Promise.all([read(), read()])) answer.value.nonce = 99n
    expect(await nonce()).toBe(1)
  })

  it('forgets who was asked longest ago', async () => {
    const { nonce } = setup()
    for (let key = 0; key <= 64; key++) await nonce(`${key}`)
    expect(await nonce('1')).toBe(2)
    expect(await nonce('0')).toBe(66)
  })
})
