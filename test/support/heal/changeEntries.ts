import { toHex } from '../../../src/base/bytes/hex.ts'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import type { TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'

/**
 * The next version of a trie's leaves: some gone, some with another value, some new. New keys
 * mostly share a long prefix with one that is or was there, so that branches and extensions
 * collapse and grow again; most values are tiny, so that nodes are embedded.
 *
 * @param keySize bytes of a key
 */
export function changeEntries(
  random: SeededRandom,
  entries: readonly TrieEntry[],
  keySize: number,
): TrieEntry[] {
  const value = () => random.bytes(1 + random.below(random.pick([2, 6, 40])))
  const next = new Map<string, TrieEntry>()
  const rate = random.pick([2, 4, 20])
  for (const [key, old] of random.below(12) === 0 ? [] : entries) {
    const fate = random.below(rate)
    if (fate === 0) continue
    next.set(toHex(key), [key, fate === 1 && rate > 2 ? value() : old])
  }
  for (let count = random.below(random.pick([2, 8, 20])); count > 0; count--) {
    const base = entries.length > 0 && random.below(5) > 0 ? random.pick(entries)[0] : undefined
    const key = base?.slice() ?? random.bytes(keySize)
    // The last nibbles of a key are where most of a long one's shared prefix lies.
    const at = random.below(2) === 0 ? random.below(keySize) : Math.min(1, keySize - 1)
    key[at] = random.below(3) === 0 ? random.below(256) : (key[at]! & 0xf0) | random.below(16)
    next.set(toHex(key), [key, value()])
  }
  return [...next.values()]
}
