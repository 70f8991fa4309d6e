import type { GetTrieNodes } from 'cambium/server'
import { describe, expect, it } from 'vitest'
import { RecentRequests } from './RecentRequests.ts'

const root = new Uint8Array(32).fill(1)

function request(id: bigint, paths = 1): GetTrieNodes {
  const path = [Uint8Array.of(0)]
  return { kind: 'GetTrieNodes', id, root, paths: Array(paths).fill(path), bytes: 7 }
}

describe('RecentRequests', () => {
  it('gives back what a peer asked, once, and to no other peer', () => {
    const recent = new RecentRequests()
    recent.note('a', request(5n))
    expect(recent.take('b', 5n)).toBeUndefined()
    expect(recent.take('a', 6n)).toBeUndefined()
    expect(recent.take('a', 5n)).toEqual(request(5n))
    expect(recent.take('a', 5n)).toBeUndefined()
  })

  it('forgets the oldest where there are too many, by what they take in memory', () => {
    const recent = new RecentRequests()
    const long = request(0n, 16_000)
    for (let id = 0n; id < 1_000n; id++) recent.note('a', { ...long, id })
    expect(recent.take('a', 0n)).toBeUndefined()
    expect(recent.take('a', 999n)).toEqual({ ...long, id: 999n })
  })
})
