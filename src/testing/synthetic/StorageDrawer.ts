import type { Leaves } from '../../leaves/Leaves.ts'
import { LeavesBuilder } from '../../leaves/packLeaves.ts'
import { sortLeaves } from '../../leaves/sortLeaves.ts'
import type { Hasher } from '../../trie/Hasher.ts'
import { addHashed } from '../../trie/packed/addHashed.ts'
import type { AccountDraws } from './AccountDraws.ts'

/** Draws the slots of one account after the other. */
export class StorageDrawer {
  readonly #hasher: Hasher
  readonly #raw = new LeavesBuilder()
  readonly #hashed = new LeavesBuilder()
  readonly #value = new Uint8Array(5)

  constructor(hasher: Hasher) {
    this.#hasher = hasher
  }

  /** The sorted leaves of the storage trie of the account that was drawn last. */
  draw(draws: AccountDraws): Leaves {
    for (let count = draws.slots; count > 0; count--) {
      draws.nextSlot()
      this.#raw.addFrom(draws.slot, 0, this.#value, 0, writeNumber(draws.value, this.#value))
    }
    addHashed(this.#raw.finish(), this.#hasher, this.#hashed)
    const leaves = sortLeaves(this.#hashed.finish())
    this.#raw.clear()
    this.#hashed.clear()
    return leaves
  }
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
