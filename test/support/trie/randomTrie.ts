import { toHex } from '../../../src/base/bytes/hex.ts'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import { MemoryTrie, type TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'

/** A number as a 32-byte key, in its last byte. */
export function smallKey(number: number): Uint8Array {
  const key = new Uint8Array(32)
  key[31] = number
  return key
}

/**
 * The trie of the reference implementation's proof tests: 110 small keys, and `count` random ones.
 */
export function randomTrie(random: SeededRandom, count: number): MemoryTrie {
  const entries = new Map<string, TrieEntry>()
  const put = (key: Uint8Array, value: Uint8Array) => entries.set(toHex(key), [key, value])
  for (let number = 0; number < 100; number++) {
    put(smallKey(number), Uint8Array.of(number))
    put(smallKey(number + 10), Uint8Array.of(number))
  }
  for (let index = 0; index < count; index++) put(random.bytes(32), random.bytes(20))
  return MemoryTrie.from(entries.values())
}
