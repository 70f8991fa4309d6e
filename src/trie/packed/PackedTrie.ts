import { emptyRoot } from '../../account/emptyHashes.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { LruMap } from '../../base/LruMap.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, leafValue, sliceLeaves } from '../../leaves/Leaves.ts'
import { bytesToNibbles, type NibblePath } from '../nibbles.ts'
import { referencedHash } from '../nodeReference.ts'
import { LeafGroup } from './LeafGroup.ts'
import { LeafSpan } from './LeafSpan.ts'
import type { NodeBatch } from './NodeBatch.ts'
import { referenceTable } from './ReferenceTable.ts'
import { TopNodes } from './TopNodes.ts'

/**
 * Fewer leaves in a block cost memory, 37 bytes per block; more cost time, as the whole block is
 * hashed for a node in it. With 64, it is 9 bytes per leaf at most, and some 60 µs in wasm.
 */
const BLOCK_SIZE = 64

/**
 * Blocks whose nodes are kept, of those walked through last: ranges that follow each other meet in
 * one.
 */
const RECENT_BLOCKS = 32

/** Bytes of the shortest node that has a hash; a shorter one is embedded in its parent. */
const HASHED = 32

const NO_PATH: NibblePath = /* @__PURE__ */ new Uint8Array()

/** Leaves in one run: as many as half of a usual answer takes. */
const RUN = 2048

export interface PackedTrieOptions {
  /** The stretch of the leaves that is this trie. @default all of them */
  from?: number
  to?: number
  /** The root, where it is known that this is the one; computed where it is left out. */
  root?: Uint8Array
  /** Leaves of one block on average, at most. @default 64 */
  blockSize?: number
}

/**
 * A trie over sorted leaves that lie packed, a `ServedTrie`: 9 bytes per leaf at most beside the
 * leaves themselves, no object per node or leaf.
 *
 * Of the trie, the references of the topmost branches are kept, as deep as they hold 64 leaves
 * each. The nodes within such a *block* are made again, all of them together, when one is asked
 * for.
 *
 * @example
 * const trie = new PackedTrie(packLeaves(sorted), new NodeBatch(await createVerifier()))
 * trie.root        // 32 bytes
 * trie.prove(key)  // the nodes from the root to the key
 */
export class PackedTrie {
  /** 32 bytes. */
  readonly root: Uint8Array
  readonly #span: LeafSpan
  readonly #batch: NodeBatch
  /** Not there where the trie is one block. */
  readonly #top: TopNodes | undefined
  /** By the first leaf; least recently used first. */
  readonly #recent = new LruMap<number, LeafGroup>(RECENT_BLOCKS)

  /**
   * @param leaves sorted; kept, not copied
   * @param batch what hashes; tries may share one
   * @throws {LeafOrderError} when keys do not ascend or a value is empty, where the root is not
   *   given
   */
  constructor(leaves: Leaves, batch: NodeBatch, options: PackedTrieOptions = {}) {
    const { from = 0, to = leaves.count, root, blockSize = BLOCK_SIZE } = options
    this.#span = new LeafSpan(leaves, from, to)
    this.#batch = batch
    if (root === undefined) this.#span.checkOrder()
    let depth = 0
    while (blockSize * 16 ** depth < to - from) depth++
    this.#top = depth === 0 ? undefined : new TopNodes(this.#span, depth, batch)
    this.root = root ?? this.#computeRoot()
  }

  /** How many leaves there are. */
  get count(): number {
    return this.#span.to - this.#span.from
  }

  /** The value at a key, or `undefined`: a view. */
  get(key: Uint8Array): Uint8Array | undefined {
    const { leaves, to } = this.#span
    const index = this.#span.lowerBound(key)
    if (index === to || compareBytes(leafKey(leaves, index), key) !== 0) return undefined
    return leafValue(leaves, index)
  }

  /** The leaves with a key ≥ `from`, ascending: views. */
  *leaves(
    from: Uint8Array = new Uint8Array(),
  ): Generator<readonly [key: Uint8Array, value: Uint8Array], void, undefined> {
    const { leaves, to } = this.#span
    for (let index = this.#span.lowerBound(from); index < to; index++) {
      yield [leafKey(leaves, index), leafValue(leaves, index)]
    }
  }

  /** The same in runs, as they lie. */
  *runs(from: Uint8Array): Generator<Leaves, void, undefined> {
    const { leaves, to } = this.#span
    for (let start = this.#span.lowerBound(from); start < to; start += RUN) {
      yield sliceLeaves(leaves, start, Math.min(start + RUN, to))
    }
  }

  /**
   * Merkle proof of a key or of its absence: the nodes from the root down. Embedded nodes are left
   * out, as they are part of their parents; the root is always there, except that a trie without
   * leaves has no nodes at all.
   */
  prove(key: Uint8Array): Uint8Array[] {
    return this.#walk(bytesToNibbles(key)).filter((node, index) => {
      return index === 0 || node.length >= HASHED
    })
  }

  /**
   * The node at a nibble path (one nibble per byte). Hashes no more than what is below it, and not
   * even that where it is kept. `undefined`: there is none. `'embedded'`: it is part of its parent
   * and has no hash.
   */
  node(path: NibblePath): Uint8Array | 'embedded' | undefined {
    const depth = path.length
    const [from, to] = this.#span.under(path)
    if (from === to || !this.#hangsAt(depth, from, to)) return undefined
    const encoded = this.#encode(from, to, depth)
    return depth > 0 && encoded.length < HASHED ? 'embedded' : encoded
  }

  /**
   * Whether a node hangs at a depth over all leaves under one path: a branch at its own place, else
   * what is below a branch.
   */
  #hangsAt(depth: number, from: number, to: number): boolean {
    const span = this.#span
    if (depth === 0 || (to - from > 1 && span.split(from, to) === depth)) return true
    const before = from > span.from && span.common(from - 1, from) === depth - 1
    return before || (to < span.to && span.common(to - 1, to) === depth - 1)
  }

  /** The node that hangs at a depth over all leaves under one path. */
  #encode(from: number, to: number, depth: number): Uint8Array {
    const span = this.#span
    const top = this.#top
    if (to - from === 1) this.#batch.leaf(span.leaves, from, depth)
    else {
      const split = span.split(from, to)
      const isTop = top !== undefined && (split < top.depth || depth <= top.depth)
      if (isTop && depth < split) top.addExtension(from, to, depth)
      else if (isTop && split < top.depth) top.addBranch(span.prefix(from, split), split)
      else
        return this.#blockOf(from, to, isTop || to - from === this.count).walk(NO_PATH, depth)[0]!
    }
    return this.#batch.take()
  }

  /** The nodes on a path as far as there are any. */
  #walk(path: NibblePath): Uint8Array[] {
    const nodes: Uint8Array[] = []
    const span = this.#span
    const top = this.#top
    let { from, to } = span
    for (let depth = 0; from < to; ) {
      if (to - from === 1) return [...nodes, this.#encode(from, to, depth)]
      const split = span.split(from, to)
      if (top === undefined || split >= top.depth) {
        return [...nodes, ...this.#blockOf(from, to, true).walk(path, depth)]
      }
      nodes.push(this.#encode(from, to, depth))
      if (depth < split) {
        while (depth < split && path[depth] === span.nibble(from, depth)) depth++
        if (depth < split) return nodes
        continue
      }
      const nibble = path[split]
      if (nibble === undefined) return nodes
      ;[from, to] = top.range(16 * span.prefix(from, split) + nibble, split + 1)
      depth++
    }
    return nodes
  }

  /** All nodes of leaves; of whole blocks, those that were wanted last are kept. */
  #blockOf(from: number, to: number, isWhole: boolean): LeafGroup {
    const known = this.#recent.get(from)
    const block = (isWhole && known) || new LeafGroup(this.#span.leaves, from, to, this.#batch)
    if (!isWhole) return block
    this.#recent.set(from, block)
    return block
  }

  #computeRoot(): Uint8Array {
    const { from, to } = this.#span
    if (from === to) return emptyRoot()
    if (this.#top === undefined && to - from > 1 && this.#span.split(from, to) === 0) {
      // The branch at the root was hashed with the others, unless it is so short that a parent
      // would embed it.
      const table = referenceTable(1)
      this.#blockOf(from, to, true).copyBranch(from, to, table, 0)
      const hash = referencedHash(table)
      if (hash !== undefined) return hash
    }
    return this.#batch.keccak256(this.#encode(from, to, 0))
  }
}
