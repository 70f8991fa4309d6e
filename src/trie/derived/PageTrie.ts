import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { firstIndex } from '../../base/firstIndex.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafValue, sliceLeaves } from '../../leaves/Leaves.ts'
import { bytesToNibbles, commonPrefixLength, type NibblePath } from '../nibbles.ts'
import type { Subtrie } from './Subtrie.ts'
import type { SubtrieHasher } from './SubtrieHasher.ts'

/** The subtries of the leaves of one page. Each is hashed when it is first asked for, and kept. */
export class PageTrie {
  readonly #leaves: Leaves
  readonly #hasher: SubtrieHasher
  /** The keys, one nibble per byte, one after the other. */
  readonly #paths: NibblePath
  readonly #keyLength: number
  /** Branches by their first leaf and their depth, which no two have in common. */
  readonly #branches = new Map<number, Subtrie>()

  constructor(leaves: Leaves, hasher: SubtrieHasher) {
    this.#leaves = leaves
    this.#hasher = hasher
    this.#paths = bytesToNibbles(leaves.keys)
    this.#keyLength = leaves.keySize * 2
  }

  /** The subtrie of this page's leaves under a path. */
  at(path: NibblePath): Subtrie | undefined {
    const from = this.#firstWhere((start) => compareBytes(start, path) >= 0, path.length)
    const to = this.#firstWhere((start) => compareBytes(start, path) > 0, path.length)
    return this.#subtrie(from, to)
  }

  /** The first leaf whose path begins as asked for; all leaves after it do so, too. */
  #firstWhere(isAfter: (start: NibblePath) => boolean, length: number): number {
    return firstIndex(this.#leaves.count, (index) => {
      return isAfter(this.#path(index).subarray(0, length))
    })
  }

  /**
   * The subtrie of leaves `from` to `to` (exclusive), which are all that begin with what they have
   * in common.
   */
  #subtrie(from: number, to: number): Subtrie | undefined {
    if (from === to) return undefined
    const first = this.#path(from)
    if (to - from === 1) {
      return { kind: 'leaf', path: first, value: leafValue(this.#leaves, from) }
    }
    // The keys ascend: what the first and the last have in common, all have.
    const depth = commonPrefixLength(first, this.#path(to - 1))
    const id = from * this.#keyLength + depth
    const known = this.#branches.get(id)
    if (known) return known
    const leaves = sliceLeaves(this.#leaves, from, to)
    const branch = this.#hasher.branchOf(first.subarray(0, depth), leaves)
    this.#branches.set(id, branch)
    return branch
  }

  #path(index: number): NibblePath {
    return this.#paths.subarray(index * this.#keyLength, (index + 1) * this.#keyLength)
  }
}
