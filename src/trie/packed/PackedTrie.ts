import { compareBytes } from '../../bytes/compareBytes.ts'
import { toHex } from '../../bytes/hex.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, leafValue } from '../../leaves/leafAt.ts'
import { sliceLeaves } from '../../leaves/sliceLeaves.ts'
import { LeafOrderError } from '../../wasm/LeafOrderError.ts'
import { emptyRoot } from '../emptyHashes.ts'
import { bytesToNibbles, type NibblePath } from '../nibbles.ts'
import { referencedHash } from '../nodeReference.ts'
import { LeafBlock, type PathNode } from './LeafBlock.ts'
import type { NodeBatch } from './NodeBatch.ts'
import { commonNibbles, nibbleAt } from './nibbleAt.ts'
import { copySlot, type ReferenceTable, referenceTable } from './ReferenceTable.ts'

/**
 * Fewer leaves in a block cost memory, 37 bytes per block; more cost time, as the whole block is hashed for a node in it.
 * With 64, it is 9 bytes per leaf at most, and some 60 µs in wasm.
 */
const BLOCK_SIZE = 64

/** Blocks whose nodes are kept, of those walked through last: ranges that follow each other meet in one. */
const RECENT_BLOCKS = 32

/** Levels of blocks that are hashed together when a trie is built: some thousand leaves. */
const JOINT_LEVELS = 2

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
 * A trie over sorted leaves that lie packed, a `ServedTrie`: 9 bytes per leaf at most beside the leaves themselves, no object
 * per node or leaf.
 *
 * Of the trie, the references of the topmost branches are kept, as deep as they hold 64 leaves each. The nodes within such
 * a *block* are made again, all of them together, when one is asked for.
 *
 * @example
 * const trie = new PackedTrie(packLeaves(sorted), new NodeBatch(await createVerifier()))
 * trie.root        // 32 bytes
 * trie.prove(key)  // the nodes from the root to the key
 */
export class PackedTrie {
  /** 32 bytes. */
  readonly root: Uint8Array
  readonly #leaves: Leaves
  readonly #from: number
  readonly #to: number
  readonly #batch: NodeBatch
  /** Nibbles of the prefix that the leaves of a block have in common. */
  readonly #blockDepth: number
  /** For each prefix of that many nibbles its first leaf, and where the last one's leaves end. */
  readonly #bounds: Uint32Array
  /**
   * For each depth down to the blocks' and each prefix of it: the reference of the branch that stands there; for blocks, of
   * the one at which their leaves part, wherever that is.
   */
  readonly #levels: ReferenceTable[] = []
  /** By the first leaf; least recently used first. */
  readonly #recent = new Map<number, LeafBlock>()
  /** What the branch that is being made refers to; of a trie that is one block, nothing. */
  readonly #below: ReferenceTable

  /**
   * @param leaves sorted; kept, not copied
   * @param batch what hashes; tries may share one
   * @throws {LeafOrderError} when keys do not ascend or a value is empty, where the root is not given
   */
  constructor(leaves: Leaves, batch: NodeBatch, options: PackedTrieOptions = {}) {
    const { from = 0, to = leaves.count, root, blockSize = BLOCK_SIZE } = options
    this.#leaves = leaves
    this.#from = from
    this.#to = to
    this.#batch = batch
    let depth = 0
    while (blockSize * 16 ** depth < this.count) depth++
    this.#blockDepth = depth
    this.#below = referenceTable(depth === 0 ? 0 : 16)
    if (root === undefined) checkOrder(leaves, from, to)
    this.#bounds = this.#findBounds()
    if (depth > 0) this.#hashTop()
    this.root = root ?? this.#computeRoot()
  }

  /** How many leaves there are. */
  get count(): number {
    return this.#to - this.#from
  }

  /** The place of a key among the leaves, or -1. */
  indexOf(key: Uint8Array): number {
    const index = this.#lowerBound(key)
    if (index === this.#to || compareBytes(leafKey(this.#leaves, index), key) !== 0) return -1
    return index
  }

  /** The value at a key, or `undefined`: a view. */
  get(key: Uint8Array): Uint8Array | undefined {
    const index = this.indexOf(key)
    return index < 0 ? undefined : leafValue(this.#leaves, index)
  }

  /** The leaves with a key ≥ `from`, ascending: views. */
  *leaves(
    from: Uint8Array = new Uint8Array(),
  ): Generator<readonly [key: Uint8Array, value: Uint8Array], void, undefined> {
    for (let index = this.#lowerBound(from); index < this.#to; index++) {
      yield [leafKey(this.#leaves, index), leafValue(this.#leaves, index)]
    }
  }

  /** The same in runs, as they lie. */
  *runs(from: Uint8Array): Generator<Leaves, void, undefined> {
    for (let start = this.#lowerBound(from); start < this.#to; start += RUN) {
      yield sliceLeaves(this.#leaves, start, Math.min(start + RUN, this.#to))
    }
  }

  /**
   * Merkle proof of a key or of its absence: the nodes from the root down. Embedded nodes are left out, as they are
   * part of their parents; the root is always there, except that a trie without leaves has no nodes at all.
   */
  prove(key: Uint8Array): Uint8Array[] {
    return this.#walk(bytesToNibbles(key))
      .filter((node) => !isEmbedded(node))
      .map(({ encoded }) => encoded)
  }

  /**
   * The node at a nibble path (one nibble per byte).
   * `undefined`: there is none. `'embedded'`: it is part of its parent and has no hash.
   */
  node(path: NibblePath): Uint8Array | 'embedded' | undefined {
    const node = this.#walk(path).find(({ depth }) => depth === path.length)
    return node && (isEmbedded(node) ? 'embedded' : node.encoded)
  }

  /** The nodes on a path as far as there are any. */
  #walk(path: NibblePath): PathNode[] {
    const nodes: PathNode[] = []
    const add = (depth: number) => nodes.push({ depth, encoded: this.#batch.take() })
    const { keys, keySize } = this.#leaves
    let from = this.#from
    let to = this.#to
    for (let at = 0; from < to; at++) {
      if (to - from === 1) {
        this.#batch.leaf(this.#leaves, from, at)
        add(at)
        return nodes
      }
      const split = this.#split(from, to)
      if (split >= this.#blockDepth) return [...nodes, ...this.#block(from, to).walk(path, at)]
      if (at < split) {
        const slot = this.#prefix(from, split)
        this.#batch.extension(this.#leaves, from, [at, split], this.#levels[split]!, slot)
        add(at)
        while (at < split && path[at] === nibbleAt(keys, from * keySize, at)) at++
        if (at < split) return nodes
      }
      const prefix = this.#prefix(from, split)
      this.#addBranch(prefix, split, 0)
      add(split)
      const nibble = path[split]
      if (nibble === undefined) return nodes
      from = this.#start(16 * prefix + nibble, split + 1)
      to = this.#start(16 * prefix + nibble + 1, split + 1)
    }
    return nodes
  }

  /** At what depth leaves, at least two, part. */
  #split(from: number, to: number): number {
    const { keys, keySize } = this.#leaves
    return commonNibbles(keys, from * keySize, (to - 1) * keySize, keySize)
  }

  /** All nodes of the leaves of one block. */
  #block(from: number, to: number): LeafBlock {
    const block = this.#recent.get(from) ?? new LeafBlock(this.#leaves, from, to, this.#batch)
    this.#recent.delete(from)
    this.#recent.set(from, block)
    if (this.#recent.size > RECENT_BLOCKS) {
      this.#recent.delete(this.#recent.keys().next().value!)
    }
    return block
  }

  /** The first `depth` nibbles of a key as a number. */
  #prefix(index: number, depth: number): number {
    const { keys, keySize } = this.#leaves
    let prefix = 0
    for (let at = 0; at < depth; at++) prefix = 16 * prefix + nibbleAt(keys, index * keySize, at)
    return prefix
  }

  /** The first leaf with a prefix of `depth` nibbles, at most the blocks', or a greater one. */
  #start(prefix: number, depth: number): number {
    return this.#bounds[prefix * 16 ** (this.#blockDepth - depth)]!
  }

  #findBounds(): Uint32Array {
    const bounds = new Uint32Array(16 ** this.#blockDepth + 1).fill(this.#to)
    for (let index = this.#to - 1; index >= this.#from; index--) {
      bounds[this.#prefix(index, this.#blockDepth)] = index
    }
    for (let prefix = bounds.length - 2; prefix >= 0; prefix--) {
      bounds[prefix] = Math.min(bounds[prefix]!, bounds[prefix + 1]!)
    }
    return bounds
  }

  /** Fills the tables of references, from the blocks up. */
  #hashTop(): void {
    for (let depth = 0; depth <= this.#blockDepth; depth++) {
      this.#levels.push(referenceTable(16 ** depth))
    }
    const joint = Math.max(0, this.#blockDepth - JOINT_LEVELS)
    for (let prefix = 0; prefix < 16 ** joint; prefix++) this.#hashJointly(prefix, joint)
    for (let depth = joint - 1; depth >= 0; depth--) {
      this.#forEachFork(0, 0, depth, (prefix, from, to) => {
        if (this.#split(from, to) !== depth) return
        this.#addBranch(prefix, depth, prefix)
        this.#batch.flush(this.#levels[depth]!)
      })
    }
  }

  /** Fills the tables with what is under one prefix. */
  #hashJointly(joint: number, jointDepth: number): void {
    const start = this.#start(joint, jointDepth)
    const end = this.#start(joint + 1, jointDepth)
    if (end - start < 2) return
    const block = new LeafBlock(this.#leaves, start, end, this.#batch)
    for (let depth = jointDepth; depth <= this.#blockDepth; depth++) {
      this.#forEachFork(joint, jointDepth, depth, (prefix, from, to) => {
        if (depth < this.#blockDepth && this.#split(from, to) !== depth) return
        block.copyBranch(from, to, this.#levels[depth]!, prefix)
      })
    }
  }

  /** Calls back for each prefix of `depth` nibbles, of those that begin as given, that at least two leaves have. */
  #forEachFork(
    above: number,
    aboveDepth: number,
    depth: number,
    visit: (prefix: number, from: number, to: number) => void,
  ): void {
    const span = 16 ** (depth - aboveDepth)
    for (let prefix = above * span; prefix < (above + 1) * span; prefix++) {
      const from = this.#start(prefix, depth)
      const to = this.#start(prefix + 1, depth)
      if (to - from > 1) visit(prefix, from, to)
    }
  }

  /** Adds the branch that stands at a prefix, above the blocks, to the batch. */
  #addBranch(prefix: number, depth: number, slot: number): void {
    const children: number[] = []
    let deeper = false
    for (let nibble = 0; nibble < 16; nibble++) {
      const from = this.#start(16 * prefix + nibble, depth + 1)
      const to = this.#start(16 * prefix + nibble + 1, depth + 1)
      children.push(from === to ? -1 : nibble)
      if (from < to && !this.#hang(from, to, depth + 1, nibble)) deeper = true
    }
    if (deeper) this.#batch.flush(this.#below)
    this.#batch.branch(this.#below, children, slot)
  }

  /**
   * Finds the reference to what hangs at a depth and puts it into a slot of what the next branch refers to.
   * @returns whether it is there; else it was added to the batch
   */
  #hang(from: number, to: number, depth: number, slot: number): boolean {
    const leaves = this.#leaves
    if (to - from === 1) {
      this.#batch.leaf(leaves, from, depth, slot)
      return false
    }
    const split = this.#split(from, to)
    const level = Math.min(split, this.#blockDepth)
    const table = this.#levels[level]!
    const child = this.#prefix(from, level)
    if (split === depth) copySlot(this.#below, slot, table, child)
    else this.#batch.extension(leaves, from, [depth, split], table, child, slot)
    return split === depth
  }

  #computeRoot(): Uint8Array {
    const from = this.#from
    const to = this.#to
    if (from === to) return emptyRoot()
    if (to - from > 1 && this.#split(from, to) === 0) {
      // The branch at the root has been hashed with the others, unless it is so short that others would embed it.
      const table = this.#levels[0] ?? referenceTable(1)
      if (this.#blockDepth === 0) this.#block(from, to).copyBranch(from, to, table, 0)
      const hash = referencedHash(table)
      if (hash !== undefined) return hash.slice()
    }
    return this.#batch.keccak256(this.#walk(NO_PATH)[0]!.encoded)
  }

  /** The first leaf whose key is not below `key`. */
  #lowerBound(key: Uint8Array): number {
    let low = this.#from
    let high = this.#to
    while (low < high) {
      const middle = (low + high) >>> 1
      if (compareBytes(leafKey(this.#leaves, middle), key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}

const NO_PATH: NibblePath = /* @__PURE__ */ new Uint8Array()

/** The root is hashed however short it is. */
function isEmbedded({ depth, encoded }: PathNode): boolean {
  return depth > 0 && encoded.length < 32
}

/** @throws {LeafOrderError} when keys do not ascend or a value is empty */
function checkOrder(leaves: Leaves, from: number, to: number): void {
  const { keys, keySize, offsets } = leaves
  for (let index = from; index < to; index++) {
    const key = index * keySize
    if (offsets[index] === offsets[index + 1]) {
      throw new LeafOrderError(`leaf at ${toHex(leafKey(leaves, index))} has no value`)
    }
    if (index === from) continue
    let at = key
    while (at < key + keySize && keys[at - keySize] === keys[at]) at++
    if (at < key + keySize && keys[at - keySize]! < keys[at]!) continue
    const [name, before] = [index, index - 1].map((place) => toHex(leafKey(leaves, place)))
    throw new LeafOrderError(
      name === before ? `key ${name} occurs twice` : `key ${name} comes after ${before}`,
    )
  }
}
