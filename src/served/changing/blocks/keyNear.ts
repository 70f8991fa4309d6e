import type { SeededRandom } from '../SeededRandom.ts'

/**
 * A key that differs from another in one nibble, at most in number `last`: their paths fork
 * anywhere down to there.
 */
export function keyNear(random: SeededRandom, key: Uint8Array, last: number): Uint8Array {
  const nibble = random.below(last + 1)
  const difference = (1 + random.below(15)) << (nibble % 2 === 0 ? 4 : 0)
  return key.with(nibble >> 1, key[nibble >> 1]! ^ difference)
}
