import { describe, expect, it } from 'vitest'
import { HEAL_LIMIT, isFar, tellingDepth } from './isFar.ts'

const SIZES = [20_000, 70_000, 100_000, 1_000_000, 16_000_000, 200_000_000]

describe('isFar', () => {
  it.each(SIZES)(
    'tells half of the limit from twice the limit by 64 subtries, of %i leaves',
    (leaves) => {
      const depth = tellingDepth(leaves)
      const each = leaves / 16 ** depth
      for (const [factor, far] of [
        [0.5, false],
        [2, true],
      ] as const) {
        const differing = Math.round(64 * (1 - (1 - factor * HEAL_LIMIT.share) ** each))
        expect(isFar(64, differing, depth, leaves), `${factor} of the limit`).toBe(far)
      }
    },
  )

  it('looks at subtries of 128 to 2,047 leaves, or the sixteen below the root', () => {
    for (const leaves of SIZES) {
      const each = leaves / 16 ** tellingDepth(leaves)
      expect(each).toBeGreaterThanOrEqual(128)
      expect(each).toBeLessThan(2_048)
    }
    expect([256, 1_000, 32_767].map(tellingDepth)).toEqual([1, 1, 1])
  })

  it('takes a trie for far when all that was compared differs, of whatever size', () => {
    for (let leaves = 300; leaves < 2e9; leaves *= 1.003) {
      const depth = tellingDepth(leaves)
      const seen = depth === 1 ? 16 : 64
      expect(isFar(seen, seen, depth, leaves), `of ${leaves}`).toBe(true)
    }
  })

  it('takes nothing for far where nothing differs, nor a few leaves of a small trie', () => {
    expect(isFar(0, 0, 1, 5_000)).toBe(false)
    expect(isFar(16, 0, 1, 5_000)).toBe(false)
    // Ten accounts or so, a fifth of a per cent.
    expect(isFar(16, 7, 1, 5_000)).toBe(false)
    expect(isFar(16, 16, 1, 5_000)).toBe(true)
  })
})
