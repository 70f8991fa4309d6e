import { describe, expect, it } from 'vitest'
import { compareBytes } from '../base/bytes/compareBytes.ts'
import { SeededRandom } from '../served/changing/SeededRandom.ts'
import { packLeaves } from './packLeaves.ts'
import { sortLeaves } from './sortLeaves.ts'

/**
 * Few values per byte often, so that keys begin alike and come again; sizes below and above the
 * four bytes sorted first.
 */
function someLeaves(random: SeededRandom, count: number, keySize: number) {
  const values = random.pick([2, 16, 256])
  return Array.from({ length: count }, () => {
    const key = Uint8Array.from({ length: keySize }, () => random.below(values) * (256 / values))
    return [key, random.bytes(random.below(20))] as const
  })
}

describe('sortLeaves', () => {
  const base = new SeededRandom().seed

  it(`sorts by key, equal ones as they lie, seeds from ${base}`, () => {
    for (let round = 0; round < 300; round++) {
      const random = new SeededRandom(base + round)
      const keySize = random.pick([1, 3, 6, 32])
      const leaves = someLeaves(random, random.below(100), keySize)
      const wanted = [...leaves].sort(([a], [b]) => compareBytes(a, b))
      const sorted = sortLeaves(packLeaves(leaves, keySize))
      expect(sorted, `seed ${random.seed}`).toEqual(packLeaves(wanted, keySize))
    }
  })

  it('sorts no leaves, and one', () => {
    expect(sortLeaves(packLeaves([]))).toEqual(packLeaves([]))
    const one = packLeaves([[new Uint8Array(32), Uint8Array.of(1)]])
    expect(sortLeaves(one)).toEqual(one)
  })
})
