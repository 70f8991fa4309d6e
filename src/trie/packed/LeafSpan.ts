import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { toHex } from '../../base/bytes/hex.ts'
import { firstIndex } from '../../base/firstIndex.ts'
import { LeafOrderError } from '../../leaves/errors.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey } from '../../leaves/Leaves.ts'
import type { NibblePath } from '../nibbles.ts'
import { commonNibbles, nibbleAt } from './nibbleAt.ts'

/** The leaves of one trie: a stretch of sorted leaves. Places are those in all of them. */
export class LeafSpan {
  readonly leaves: Leaves
  readonly from: number
  /** Exclusive. */
  readonly to: number

  constructor(leaves: Leaves, from: number, to: number) {
    this.leaves = leaves
    this.from = from
    this.to = to
  }

  /** @throws {LeafOrderError} when keys do not ascend or a value is empty */
  checkOrder(): void {
    const { keys, keySize, offsets } = this.leaves
    for (let index = this.from; index < this.to; index++) {
      if (offsets[index] === offsets[index + 1]) {
        throw new LeafOrderError(`leaf at ${this.#name(index)} has no value`)
      }
      if (index === this.from) continue
      const start = index * keySize
      let at = start
      while (at < start + keySize && keys[at - keySize] === keys[at]) at++
      if (at === start + keySize) throw new LeafOrderError(`key ${this.#name(index)} occurs twice`)
      if (keys[at - keySize]! < keys[at]!) continue
      throw new LeafOrderError(`key ${this.#name(index)} comes after ${this.#name(index - 1)}`)
    }
  }

  /** The first leaf whose key is not below `key`. */
  lowerBound(key: Uint8Array): number {
    const isAfter = (index: number) => compareBytes(leafKey(this.leaves, index), key) >= 0
    return firstIndex(this.to, isAfter, this.from)
  }

  /** The leaves under a path: all that begin with it. */
  under(path: NibblePath): [from: number, to: number] {
    const from = firstIndex(this.to, (index) => this.#order(index, path) >= 0, this.from)
    return [from, firstIndex(this.to, (index) => this.#order(index, path) > 0, from)]
  }

  /** At what depth leaves, at least two, part. */
  split(from: number, to: number): number {
    return this.common(from, to - 1)
  }

  /** How many nibbles two keys have in common. */
  common(a: number, b: number): number {
    const { keys, keySize } = this.leaves
    return commonNibbles(keys, a * keySize, b * keySize, keySize)
  }

  nibble(index: number, depth: number): number {
    return nibbleAt(this.leaves.keys, index * this.leaves.keySize, depth)
  }

  /** The first `depth` nibbles of a key as a number. */
  prefix(index: number, depth: number): number {
    let prefix = 0
    for (let at = 0; at < depth; at++) prefix = 16 * prefix + this.nibble(index, at)
    return prefix
  }

  /** Whether a key begins with a path (0), or comes before or after those that do. */
  #order(index: number, path: NibblePath): number {
    const nibbles = 2 * this.leaves.keySize
    for (let at = 0; at < path.length; at++) {
      if (at === nibbles) return -1
      const difference = this.nibble(index, at) - path[at]!
      if (difference !== 0) return difference
    }
    return 0
  }

  #name(index: number): string {
    return toHex(leafKey(this.leaves, index))
  }
}
