import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { RandomSource } from './randomSource.ts'

/**
 * Sorted leaves of a trie that has everything: keys that share long prefixes (extensions), and
 * values of one byte or two (nodes that are embedded) beside long ones.
 *
 * @param most how many leaves to draw; keys drawn twice count once
 */
export function randomEntries(
  random: RandomSource,
  most: number,
  keySize: number,
): [key: Uint8Array, value: Uint8Array][] {
  const entries = new Map<string, [Uint8Array, Uint8Array]>()
  let previous = random.bytes(keySize)
  for (let drawn = 0; drawn < most; drawn++) {
    const key = random.bytes(keySize)
    // Every other key begins as the one before, and parts from it at any byte.
    if (random.below(2) === 0) key.set(previous.subarray(0, random.below(keySize)))
    if (random.below(8) === 0) key[keySize - 1] = random.below(16)
    const length = random.below(3) > 0 ? 1 + random.below(3) : 1 + random.below(150)
    entries.set(key.join(), [key, random.bytes(length)])
    previous = key
  }
  return [...entries.values()].sort(([a], [b]) => compareBytes(a, b))
}
