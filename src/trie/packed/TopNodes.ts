import { LeafGroup } from './LeafGroup.ts'
import type { LeafSpan } from './LeafSpan.ts'
import type { NodeBatch } from './NodeBatch.ts'
import { copySlot, type ReferenceTable, referenceTable } from './ReferenceTable.ts'

/** Levels of blocks that are hashed together when a trie is built: some thousand leaves. */
const JOINT_LEVELS = 2

/**
 * The references of a trie's topmost branches, as deep as the leaves under one prefix are a block.
 * A prefix is known by its nibbles as a number.
 */
export class TopNodes {
  /** Nibbles of the prefix that the leaves of a block have in common. */
  readonly depth: number
  readonly #span: LeafSpan
  readonly #batch: NodeBatch
  /** For each prefix of that many nibbles its first leaf; and the end. */
  readonly #bounds: Uint32Array
  /**
   * For each depth and each prefix of it: the reference of the branch that stands there; for
   * blocks, of the one at which their leaves part, wherever that is.
   */
  readonly #levels: readonly ReferenceTable[]
  /** What the branch that is being made refers to. */
  readonly #below = referenceTable(16)

  /** @param depth at least 1 */
  constructor(span: LeafSpan, depth: number, batch: NodeBatch) {
    this.#span = span
    this.depth = depth
    this.#batch = batch
    this.#bounds = this.#findBounds()
    this.#levels = Array.from({ length: depth + 1 }, (_, level) => referenceTable(16 ** level))
    const joint = Math.max(0, depth - JOINT_LEVELS)
    for (let prefix = 0; prefix < 16 ** joint; prefix++) this.#hashJointly(prefix, joint)
    for (let level = joint - 1; level >= 0; level--) this.#hashLevel(level)
  }

  /** The leaves with a prefix of at most the blocks' depth. */
  range(prefix: number, depth: number): [from: number, to: number] {
    const width = 16 ** (this.depth - depth)
    return [this.#bounds[prefix * width]!, this.#bounds[(prefix + 1) * width]!]
  }

  /** Adds the branch that stands at a prefix, above the blocks, to the batch. */
  addBranch(prefix: number, depth: number, slot = 0): void {
    const children: number[] = []
    let isWhole = true
    for (let nibble = 0; nibble < 16; nibble++) {
      const [from, to] = this.range(16 * prefix + nibble, depth + 1)
      children.push(from === to ? -1 : nibble)
      if (from < to && !this.#hang(from, to, depth + 1, nibble)) isWhole = false
    }
    if (!isWhole) this.#batch.flush(this.#below)
    this.#batch.branch(this.#below, children, slot)
  }

  /**
   * Adds the extension from a depth to the branch at which leaves part: all leaves with a prefix.
   */
  addExtension(from: number, to: number, depth: number, slot = 0): void {
    const split = this.#span.split(from, to)
    const level = Math.min(split, this.depth)
    const child = this.#span.prefix(from, level)
    const table = this.#levels[level]!
    this.#batch.extension(this.#span.leaves, from, [depth, split], table, child, slot)
  }

  /**
   * Puts the reference to what hangs at a depth into a slot of what the next branch refers to.
   * @returns whether it is there; else what hangs there was added to the batch
   */
  #hang(from: number, to: number, depth: number, slot: number): boolean {
    if (to - from === 1) {
      this.#batch.leaf(this.#span.leaves, from, depth, slot)
      return false
    }
    if (this.#span.split(from, to) > depth) {
      this.addExtension(from, to, depth, slot)
      return false
    }
    copySlot(this.#below, slot, this.#levels[depth]!, this.#span.prefix(from, depth))
    return true
  }

  #findBounds(): Uint32Array {
    const { from, to } = this.#span
    const bounds = new Uint32Array(16 ** this.depth + 1).fill(to)
    for (let index = to - 1; index >= from; index--) {
      bounds[this.#span.prefix(index, this.depth)] = index
    }
    for (let prefix = bounds.length - 2; prefix >= 0; prefix--) {
      bounds[prefix] = Math.min(bounds[prefix]!, bounds[prefix + 1]!)
    }
    return bounds
  }

  /** Fills the tables with what is under one prefix. */
  #hashJointly(joint: number, jointDepth: number): void {
    const [start, end] = this.range(joint, jointDepth)
    if (end - start < 2) return
    const block = new LeafGroup(this.#span.leaves, start, end, this.#batch)
    for (let depth = jointDepth; depth <= this.depth; depth++) {
      const width = 16 ** (depth - jointDepth)
      for (let prefix = joint * width; prefix < (joint + 1) * width; prefix++) {
        const [from, to] = this.range(prefix, depth)
        if (to - from < 2) continue
        if (depth < this.depth && this.#span.split(from, to) !== depth) continue
        block.copyBranch(from, to, this.#levels[depth]!, prefix)
      }
    }
  }

  /** Fills the table of a level that lies above those. */
  #hashLevel(level: number): void {
    for (let prefix = 0; prefix < 16 ** level; prefix++) {
      const [from, to] = this.range(prefix, level)
      if (to - from < 2 || this.#span.split(from, to) !== level) continue
      this.addBranch(prefix, level, prefix)
      this.#batch.flush(this.#levels[level]!)
    }
  }
}
