import { bytesToHex } from '@noble/hashes/utils.js'
import { hashToBigInt } from '../../../base/bytes/hash32.ts'
import { encodeRlp } from '../../../rlp/encodeRlp.ts'
import type { MemoryTrie, TrieChange } from '../../../trie/memory/MemoryTrie.ts'
import type { SeededRandom } from '../SeededRandom.ts'
import { keyNear } from './keyNear.ts'

/**
 * Storage with some slots set, changed and zeroed. Half of the values are a byte, so that nodes
 * below a long common prefix are embedded.
 *
 * @param most how many slots to change at most
 * @param near part of the new slots that have a prefix of any length in common with another
 */
export function changeSlots(
  random: SeededRandom,
  storage: MemoryTrie,
  most: number,
  near: number,
): MemoryTrie {
  const changes = new Map<string, TrieChange>()
  for (let count = 1 + random.below(most); count > 0; count--) {
    const known = storage.at(random.below(Math.max(1, storage.count)))?.[0]
    const fate = known === undefined ? 'set' : random.pick(['set', 'change', 'zero'] as const)
    const isNear = known !== undefined && random.below(1000) < near * 1000
    const added = isNear ? keyNear(random, known, 63) : random.bytes(32)
    const slot = fate === 'set' || known === undefined ? added : known
    changes.set(bytesToHex(slot), [slot, fate === 'zero' ? undefined : randomValue(random)])
  }
  return storage.with(changes.values())
}

function randomValue(random: SeededRandom): Uint8Array {
  const size = random.pick([1, 1, 1, 4, 20, 32])
  return encodeRlp(hashToBigInt(random.bytes(size)) || 1n)
}
