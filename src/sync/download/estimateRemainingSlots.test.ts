import { describe, expect, it } from 'vitest'
import { bigIntToHash } from '../../base/bytes/hash32.ts'
import { SeededRandom } from '../../served/changing/SeededRandom.ts'
import { estimateRemainingSlots } from './estimateRemainingSlots.ts'

describe('estimateRemainingSlots', () => {
  const random = new SeededRandom()

  it(`is near the truth for keys that are hashes, seed ${random.seed}`, () => {
    const total = 20_000
    const keys = Array.from({ length: total }, () => random.below(2 ** 31)).sort((a, b) => a - b)
    const count = 4_000
    const last = bigIntToHash(BigInt(keys[count - 1]!) << 225n)
    const estimate = Number(estimateRemainingSlots(count, last)) + count
    // The deviation of the 4,000th of 20,000 is about 1.4 %; eight of them never happen.
    expect(Math.abs(estimate / total - 1)).toBeLessThan(0.12)
  })

  it('is nothing where the last slot stands at the end of the key space', () => {
    expect(estimateRemainingSlots(5, bigIntToHash(2n ** 256n - 1n))).toBe(0n)
  })

  it('reaches up to 2^64 − 1 slots in all', () => {
    const most = bigIntToHash(2n ** 192n)
    expect(estimateRemainingSlots(1, most)).toBe(2n ** 64n - 2n)
    expect(() => estimateRemainingSlots(1, bigIntToHash(2n ** 192n - 1n))).toThrow(
      expect.objectContaining({
        code: 'SLOT_ESTIMATE',
        message: `too few slots to estimate by: 1 up to 0x${'ff'.repeat(24).padStart(64, '0')}`,
      }),
    )
  })
})
