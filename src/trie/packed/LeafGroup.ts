import type { Leaves } from '../../leaves/Leaves.ts'
import type { NibblePath } from '../nibbles.ts'
import type { NodeBatch } from './NodeBatch.ts'
import { commonNibbles, nibbleAt } from './nibbleAt.ts'
import { copySlot, type ReferenceTable, referenceTable } from './ReferenceTable.ts'

/**
 * All nodes that a run of neighbouring leaves makes up, hashed: all leaves of a trie that share
 * what these have in common. Two arrays for any number of them:
 *
 * ```
 * common      nibbles that leaf i and leaf i + 1 have in common: where the trie forks between them
 * references  [ leaf 0 … leaf n - 1 | branch 0 … | extension 0 … ]
 * ```
 *
 * A branch is known by the first place at which it forks, and so is the extension that leads to it.
 */
export class LeafGroup {
  readonly #leaves: Leaves
  readonly #from: number
  readonly #count: number
  readonly #batch: NodeBatch
  readonly #common: Uint8Array
  readonly #references: ReferenceTable
  /** Those of the branch that is being made. */
  readonly #children = new Array<number>(16).fill(-1)

  /** Leaves `from` to `to` (exclusive), at least one. */
  constructor(leaves: Leaves, from: number, to: number, batch: NodeBatch) {
    this.#leaves = leaves
    this.#from = from
    this.#count = to - from
    this.#batch = batch
    const { keys, keySize } = leaves
    this.#common = new Uint8Array(this.#count - 1)
    for (let index = 0, at = from * keySize; index < this.#common.length; index++, at += keySize) {
      this.#common[index] = commonNibbles(keys, at, at + keySize, keySize)
    }
    this.#references = referenceTable(3 * this.#count)
    if (this.#count > 1) this.#hash()
  }

  /**
   * Copies the reference of the branch at which leaves part into another table.
   * @param from,to at least two leaves, all that begin with what they have in common
   */
  copyBranch(from: number, to: number, table: ReferenceTable, slot: number): void {
    const fork = this.#fork(from - this.#from, to - this.#from)
    copySlot(table, slot, this.#references, this.#count + fork)
  }

  /**
   * The nodes on a path as far as there are any. `depth`: how many of its nibbles lie above the
   * first.
   */
  walk(path: NibblePath, depth: number): Uint8Array[] {
    const nodes: Uint8Array[] = []
    const leaves = this.#leaves
    const batch = this.#batch
    let start = 0
    let end = this.#count
    for (let at = depth; ; at++) {
      const first = this.#from + start
      if (end - start === 1) {
        batch.leaf(leaves, first, at)
        nodes.push(batch.take())
        return nodes
      }
      const fork = this.#fork(start, end)
      const split = this.#common[fork]!
      if (at < split) {
        batch.extension(leaves, first, [at, split], this.#references, this.#count + fork)
        nodes.push(batch.take())
        const key = first * leaves.keySize
        while (at < split && path[at] === nibbleAt(leaves.keys, key, at)) at++
        if (at < split) return nodes
      }
      this.#addBranch(start, end, split, 0)
      nodes.push(batch.take())
      while (start < end && this.#nibble(start, split) !== path[split]) start++
      if (start === end) return nodes
      let next = start + 1
      while (next < end && this.#common[next - 1]! > split) next++
      end = next
    }
  }

  /** The first place at which leaves `start` to `end` (exclusive), at least two, part. */
  #fork(start: number, end: number): number {
    let fork = start
    for (let index = start + 1; index < end - 1; index++) {
      if (this.#common[index]! < this.#common[fork]!) fork = index
    }
    return fork
  }

  #nibble(index: number, depth: number): number {
    return nibbleAt(this.#leaves.keys, (this.#from + index) * this.#leaves.keySize, depth)
  }

  #hash(): void {
    const count = this.#count
    const common = this.#common
    for (let index = 0; index < count; index++) {
      const depth = Math.max(common[index - 1] ?? 0, common[index] ?? 0) + 1
      this.#batch.leaf(this.#leaves, this.#from + index, depth, index)
    }
    this.#batch.flush(this.#references)
    const levels: number[][] = []
    this.#collect(0, count, levels, -1)
    for (let depth = levels.length - 1; depth >= 0; depth--) {
      const level = levels[depth]
      if (level !== undefined) this.#hashLevel(level, depth)
    }
  }

  /**
   * Lists the branches by their depths: of each its fork, its leaves, and the depth of the branch
   * above it, or -1.
   */
  #collect(from: number, to: number, levels: number[][], above: number): void {
    const fork = this.#fork(from, to)
    const depth = this.#common[fork]!
    levels[depth] ??= []
    levels[depth].push(fork, from, to, above)
    for (let start = from, end = from + 1; start < to; start = end++) {
      while (end < to && this.#common[end - 1]! > depth) end++
      if (end - start > 1) this.#collect(start, end, levels, depth)
    }
  }

  /** Hashes the branches at one depth, and then the extensions that lead to them. */
  #hashLevel(level: readonly number[], depth: number): void {
    const count = this.#count
    for (let at = 0; at < level.length; at += 4) {
      this.#addBranch(level[at + 1]!, level[at + 2]!, depth, count + level[at]!)
    }
    this.#batch.flush(this.#references)
    for (let at = 0; at < level.length; at += 4) {
      const above = level[at + 3]!
      // Where the topmost one hangs depends on the leaves beside the block.
      if (above < 0 || above + 1 === depth) continue
      const fork = level[at]!
      const first = this.#from + level[at + 1]!
      const span = [above + 1, depth] as const
      const references = this.#references
      this.#batch.extension(this.#leaves, first, span, references, count + fork, 2 * count + fork)
    }
    this.#batch.flush(this.#references)
  }

  /** Adds the branch at which leaves part to the batch. */
  #addBranch(from: number, to: number, depth: number, slot: number): void {
    const children = this.#children
    children.fill(-1)
    for (let start = from, end = from + 1; start < to; start = end++) {
      while (end < to && this.#common[end - 1]! > depth) end++
      children[this.#nibble(start, depth)] = this.#hanging(start, end, depth + 1)
    }
    this.#batch.branch(this.#references, children, slot)
  }

  /** The slot of what hangs at a depth. */
  #hanging(from: number, to: number, depth: number): number {
    if (to - from === 1) return from
    const fork = this.#fork(from, to)
    return (this.#common[fork] === depth ? 1 : 2) * this.#count + fork
  }
}
