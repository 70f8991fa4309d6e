import { emptyRoot } from '../../account/emptyHashes.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { LeavesBuilder } from '../../leaves/packLeaves.ts'
import type { NodeBatch } from '../../trie/packed/NodeBatch.ts'
import { PackedTrie } from '../../trie/packed/PackedTrie.ts'
import { HashIndex } from './HashIndex.ts'

/**
 * A trie with more slots is kept as an object. Others, which are one block and so have nothing to
 * keep, are made when they are asked for, in less time than it takes to prove one slot.
 */
const LARGE = 64

/**
 * Slots in one array: enough that arrays are few, and few enough that one may be filled while
 * others are read.
 */
const SEGMENT = 16_384

/**
 * Storage tries of a state by their roots, each once, however many accounts have it. The slots of
 * small ones, which are nearly all, lie packed one after the other: seven slots in ten are alone or
 * two.
 */
export class StoragePool {
  readonly #batch: NodeBatch
  readonly #index = new HashIndex()
  /** For the number of each root: where its slots lie. */
  readonly #segments: number[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #full: Leaves[] = []
  #filling = new LeavesBuilder()
  /** By the number of the root. */
  readonly #large = new Map<number, PackedTrie>()
  readonly #empty: PackedTrie

  constructor(batch: NodeBatch) {
    this.#batch = batch
    this.#empty = new PackedTrie(new LeavesBuilder().finish(), batch)
  }

  /**
   * Adds a trie, unless it is there.
   *
   * @param slots sorted; kept
   * @returns its root
   * @throws {LeafOrderError} when a slot occurs twice
   */
  add(slots: Leaves): Uint8Array {
    const trie = new PackedTrie(slots, this.#batch)
    const { root } = trie
    if (slots.count === 0 || this.#index.get(root) !== undefined) return root
    const number = this.#index.add(root)
    this.#segments.push(this.#full.length)
    this.#starts.push(this.#filling.count)
    if (slots.count > LARGE) this.#large.set(number, trie)
    else this.#append(slots)
    this.#ends.push(this.#filling.count)
    if (this.#filling.count > SEGMENT) this.#finishSegment()
    return root
  }

  /** The trie with a root, or `undefined`. */
  get(root: Uint8Array): PackedTrie | undefined {
    const number = this.#index.get(root)
    if (number === undefined) return isEmptyRoot(root) ? this.#empty : undefined
    const large = this.#large.get(number)
    if (large !== undefined) return large
    const segment = this.#segments[number]!
    if (segment === this.#full.length) this.#finishSegment()
    const [from, to] = [this.#starts[number]!, this.#ends[number]!]
    return new PackedTrie(this.#full[segment]!, this.#batch, { from, to, root })
  }

  #append({ count, keySize, keys, values, offsets }: Leaves): void {
    for (let index = 0; index < count; index++) {
      this.#filling.addFrom(keys, index * keySize, values, offsets[index]!, offsets[index + 1]!)
    }
  }

  #finishSegment(): void {
    this.#full.push(this.#filling.finish())
    this.#filling = new LeavesBuilder()
  }
}

const EMPTY_ROOT = /* @__PURE__ */ emptyRoot()

function isEmptyRoot(root: Uint8Array): boolean {
  return root.every((byte, index) => byte === EMPTY_ROOT[index])
}
