import { toHex } from '../../../src/base/bytes/hex.ts'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import type { TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'

/**
 * Leaves of a random trie of one of many shapes: keys of 1 to 4 or 32 bytes, out of few or all byte
 * values, so that there are long extensions, dense branches and embedded nodes; values of 1 to 60
 * bytes. Ascending.
 *
 * @param most how many leaves at most
 */
export function randomLeaves(random: SeededRandom, most: number): TrieEntry[] {
  const keySize = random.pick([1, 2, 3, 4, 32])
  const alphabet = random.pick([
    [0, 1, 0x10, 0x11],
    [0, 0x0f, 0xf0, 0xff],
    Array.from({ length: 256 }, (_, byte) => byte),
  ])
  const valueSize = random.pick([1, 4, 30, 60])
  const count = 1 + random.below(most)
  const entries = new Map<string, TrieEntry>()
  // Keys that repeat a part of the one before share long prefixes with it.
  let previous: Uint8Array = new Uint8Array(keySize)
  for (let index = 0; index < count; index++) {
    const key = previous.slice()
    for (let at = random.below(keySize); at < keySize; at++) key[at] = random.pick(alphabet)
    const value = random.bytes(1 + random.below(valueSize))
    entries.set(toHex(key), [key, value])
    previous = random.below(3) === 0 ? random.bytes(keySize) : key
  }
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
}
