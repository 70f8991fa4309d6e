import { keccak_256 } from '@noble/hashes/sha3.js'
import { emptyRoot } from '../../account/emptyHashes.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { toHex } from '../../base/bytes/hex.ts'
import { LeafOrderError } from '../../leaves/errors.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { bytesToNibbles, commonPrefixLength, type NibblePath } from '../nibbles.ts'
import { referencedHash } from '../nodeReference.ts'
import { leavesFrom } from './leavesFrom.ts'
import { encodeMemoryNode, type MemoryNode, type TrieEntry } from './MemoryNode.ts'
import { NodeEditor, type TrieChange } from './NodeEditor.ts'

export type { TrieEntry } from './MemoryNode.ts'
export type { TrieChange } from './NodeEditor.ts'

/**
 * Leaves in one run: few are packed needlessly if one is wanted, and many go at once if all are.
 */
const RUN = 128

/**
 * A trie in memory that never changes: serves its leaves with proofs, and makes the next trie,
 * which shares with it all that is the same. What a server and the tests need; it is a
 * `ServedTrie`. All keys have one size.
 *
 * Costs some 1,500 bytes per account, ten times what `PackedTrie` does. A proof is one walk from
 * the root down.
 *
 * @example
 * const trie = MemoryTrie.from([[keccak256(address), encodeAccount(account)]])
 * trie.root                               // 32 bytes
 * trie.prove(key)                         // the nodes from the root to the key
 * const next = trie.with([[key, value], [gone, undefined]])
 */
export class MemoryTrie {
  /** 32 bytes. */
  readonly root: Uint8Array
  readonly #top: MemoryNode | undefined
  readonly #keccak256: (input: Uint8Array) => Uint8Array

  private constructor(top: MemoryNode | undefined, keccak256: (input: Uint8Array) => Uint8Array) {
    this.#top = top
    this.#keccak256 = keccak256
    // The root is hashed however short it is.
    this.root =
      top === undefined
        ? emptyRoot()
        : (referencedHash(top.reference)?.slice() ?? keccak256(top.reference))
  }

  /**
   * Builds the trie of `entries`, in any order. Keeps keys and values without copying them.
   *
   * @param keccak256 the hash; a `Verifier`'s, where there is one, is faster than the default in
   *   JavaScript
   * @throws {LeafOrderError} when a key occurs twice or has another size than the others, or a
   *   value is empty
   */
  static from(
    entries: Iterable<TrieEntry>,
    keccak256: (input: Uint8Array) => Uint8Array = keccak_256,
  ): MemoryTrie {
    return new MemoryTrie(undefined, keccak256).with(entries)
  }

  /**
   * The trie after `changes`, in any order; this one stays as it is. Costs the changes times the
   * depth of the trie in time and in memory, for a trie of any size.
   *
   * @param changes keys with their new values; `undefined` removes the leaf, where there is one
   * @throws {LeafOrderError} as `from`
   */
  with(changes: Iterable<TrieChange>): MemoryTrie {
    const sorted = [...changes].sort(([a], [b]) => compareBytes(a, b))
    checkChanges(sorted, this.at(0)?.[0].length ?? sorted[0]?.[0].length)
    const top = new NodeEditor(this.#keccak256).changed(this.#top, sorted)
    return top === this.#top ? this : new MemoryTrie(top, this.#keccak256)
  }

  /** How many leaves there are. */
  get count(): number {
    return this.#top?.count ?? 0
  }

  /** The value at a key, or `undefined`. */
  get(key: Uint8Array): Uint8Array | undefined {
    const node = this.#walk(bytesToNibbles(key)).at(-1)?.node
    if (node?.kind !== 'leaf' || compareBytes(node.entry[0], key) !== 0) return undefined
    return node.entry[1]
  }

  /** The leaf before which there are `index` smaller ones, or `undefined`. */
  at(index: number): TrieEntry | undefined {
    let before = index
    let node = index < 0 || index >= this.count ? undefined : this.#top
    while (node !== undefined && node.kind !== 'leaf') {
      if (node.kind === 'extension') node = node.child
      node = node.children.find((child) => {
        if (child === undefined) return false
        if (before < child.count) return true
        before -= child.count
        return false
      })
    }
    return node?.entry
  }

  /** The leaves with a key ≥ `from`, ascending. */
  leaves(from: Uint8Array = new Uint8Array()): Generator<TrieEntry, void, undefined> {
    return leavesFrom(this.#top, from)
  }

  /** The same packed, in runs of 128: the first is made before more of them are asked for. */
  *runs(from: Uint8Array): Generator<Leaves, void, undefined> {
    let run: TrieEntry[] = []
    for (const entry of this.leaves(from)) {
      run.push(entry)
      if (run.length < RUN) continue
      yield packLeaves(run, entry[0].length)
      run = []
    }
    if (run.length > 0) yield packLeaves(run, run[0]![0].length)
  }

  /**
   * Merkle proof of a key or of its absence: the nodes from the root down. Embedded nodes are left
   * out, as they are part of their parents; the root is always there, except that a trie without
   * leaves has no nodes at all.
   *
   * @param key as long as the keys of the trie
   */
  prove(key: Uint8Array): Uint8Array[] {
    return this.#walk(bytesToNibbles(key))
      .filter(({ node, depth }) => depth === 0 || !isEmbedded(node))
      .map(({ node }) => encodeMemoryNode(node))
  }

  /**
   * The node at a nibble path (one nibble per byte).
   * `undefined`: there is none. `'embedded'`: it is part of its parent and has no hash.
   */
  node(path: NibblePath): Uint8Array | 'embedded' | undefined {
    const step = this.#walk(path).find(({ depth }) => depth === path.length)
    if (step === undefined) return undefined
    return path.length > 0 && isEmbedded(step.node) ? 'embedded' : encodeMemoryNode(step.node)
  }

  /**
   * The nodes on a path, as far as there are any; `depth` tells how many of its nibbles lie above
   * each.
   */
  #walk(path: NibblePath): { depth: number; node: MemoryNode }[] {
    const steps: { depth: number; node: MemoryNode }[] = []
    let depth = 0
    for (let node = this.#top; node !== undefined && depth <= path.length; ) {
      steps.push({ depth, node })
      if (node.kind === 'leaf') break
      if (node.kind === 'extension') {
        const common = commonPrefixLength(node.path, path.subarray(depth))
        if (common < node.path.length) break
        depth += common
        node = node.child
      } else {
        node = node.children[path[depth] ?? -1]
        depth++
      }
    }
    return steps
  }
}

function isEmbedded({ reference }: MemoryNode): boolean {
  return referencedHash(reference) === undefined
}

/** @param keySize bytes of each key */
function checkChanges(sorted: readonly TrieChange[], keySize: number | undefined): void {
  for (const [index, [key, value]] of sorted.entries()) {
    if (key.length !== keySize) {
      throw new LeafOrderError(`key ${toHex(key)} has ${key.length} bytes, the others ${keySize}`)
    }
    if (index > 0 && compareBytes(sorted[index - 1]![0], key) === 0) {
      throw new LeafOrderError(`key ${toHex(key)} occurs twice`)
    }
    if (value?.length === 0) throw new LeafOrderError(`leaf at ${toHex(key)} has no value`)
  }
}
