import { LeafCollector } from '../../leaves/LeafCollector.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { addHashed } from '../../trie/packed/addHashed.ts'
import type { BatchHasher } from '../../trie/packed/NodeBatch.ts'
import type { AccountDraws } from './AccountDraws.ts'

/** Draws the slots of an account, and makes the sorted leaves of its storage trie of them. */
export function drawnStorage(draws: AccountDraws, hasher: BatchHasher): Leaves {
  const raw = new LeafCollector()
  const value = new Uint8Array(5)
  for (let count = draws.slots; count > 0; count--) {
    draws.nextSlot()
    raw.add(draws.slot, value, 0, writeNumber(draws.value, value))
  }
  const leaves = new LeafCollector()
  addHashed(raw.finish(), hasher, leaves)
  return leaves.sorted()
}

/** RLP of a number of at most 32 bits that is not zero; returns where it ends. */
function writeNumber(number: number, out: Uint8Array): number {
  if (number < 0x80) {
    out[0] = number
    return 1
  }
  const size = number < 0x100 ? 1 : number < 0x1_0000 ? 2 : number < 0x100_0000 ? 3 : 4
  out[0] = 0x80 + size
  for (let at = 1; at <= size; at++) out[at] = number >>> (8 * (size - at))
  return size + 1
}
