import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { block } from '../../../test/support/follow/block.ts'
import type { Header } from '../../chain/Header.ts'
import { HeaderWindow } from './HeaderWindow.ts'

function windowOf(...headers: Header[]): HeaderWindow {
  const window = new HeaderWindow(184)
  for (const header of headers) window.add(header)
  return window
}

describe('HeaderWindow', () => {
  it('finds the newest header up to a number, across gaps', () => {
    const window = windowOf(block(10), block(12), block(20))
    expect(window.newestUpTo(9)).toBeUndefined()
    expect(window.newestUpTo(10)).toEqual(block(10))
    expect(window.newestUpTo(19)).toEqual(block(12))
    expect(window.newestUpTo(99)).toEqual(block(20))
    expect([window.oldest, window.newest]).toEqual([block(10), block(20)])
  })

  it('knows nothing while it is empty', () => {
    const window = windowOf()
    expect([window.oldest, window.newest, window.newestUpTo(5)]).toEqual(Array(3).fill(undefined))
    expect(window.removed(block(5))).toBe(false)
  })

  it('drops what a header replaces: its number under another hash, and all above', () => {
    const window = windowOf(block(10), block(11), block(12), block(13), block(11, 'b'))
    expect(window.newest).toEqual(block(11, 'b'))
    for (const number of [11, 12, 13]) expect(window.removed(block(number))).toBe(true)
    expect(window.removed(block(10))).toBe(false)
    expect(window.removed(block(11, 'b'))).toBe(false)
  })

  it('takes an older header as the head that the chain has gone back to', () => {
    const window = windowOf(block(10), block(11), block(12), block(10))
    expect(window.newest).toEqual(block(10))
    expect(window.removed(block(11))).toBe(true)
    expect(window.removed(block(10))).toBe(false)
  })

  it('says whether the head is another one', () => {
    const window = windowOf(block(10))
    expect(window.add(block(10))).toBe(false)
    expect(window.add(block(10, 'b'))).toBe(true)
    expect(window.add(block(11))).toBe(true)
  })

  it('does not count as removed what has only grown too old', () => {
    const window = windowOf(block(1), block(2), block(500))
    expect(window.oldest).toEqual(block(2))
    expect(window.removed(block(1))).toBe(false)
  })

  it('finds headers by their state roots', () => {
    const window = windowOf(block(1), { ...block(2), stateRoot: block(1).stateRoot }, block(3))
    expect(window.withRoot(block(1).stateRoot)?.number).toBe(2)
    expect(window.withRoot(block(9).stateRoot)).toBeUndefined()
  })

  it('is the chain that a list of all headers gives, within its depth', () => {
    const steps = fc.array(fc.tuple(fc.nat(60), fc.constantFrom('a', 'b')), { maxLength: 80 })
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 30 }), (steps, depth) => {
        const window = new HeaderWindow(depth)
        let chain: Header[] = []
        for (const [number, branch] of steps) {
          const header = block(number, branch)
          window.add(header)
          chain = [...chain.filter((known) => known.number < number), header]
          expect(window.newest).toEqual(header)
          const { oldest } = window
          for (let below = oldest!.number; below <= number; below++) {
            expect(window.newestUpTo(below)).toEqual(chain.findLast((one) => one.number <= below))
          }
          const kept = chain.filter((known) => known.number >= oldest!.number)
          expect(kept.length).toBeLessThanOrEqual(depth + 1)
          for (const known of kept) expect(window.removed(known)).toBe(false)
        }
      }),
    )
  })
})
