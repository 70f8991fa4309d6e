import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { compareBytes } from '../bytes/compareBytes.ts'
import { bytesToNibbles, type NibblePath } from './nibbles.ts'
import { referencedHash } from './nodeReference.ts'
import { StackTrie } from './StackTrie.ts'
import { type PathStep, walkPath } from './walkPath.ts'

/** Key and value of one leaf. */
export type TrieEntry = readonly [key: Uint8Array, value: Uint8Array]

/**
 * A trie in memory that never changes: built once from its leaves, then serves them with proofs. What a server and
 * the tests need; it is a `ServedTrie`. All keys have one size.
 *
 * Costs some 600 bytes per leaf. A proof is one walk from the root down.
 *
 * @example
 * const trie = MemoryTrie.from([[keccak256(address), encodeAccount(account)]])
 * trie.root             // 32 bytes
 * trie.prove(key)       // the nodes from the root to the key
 */
export class MemoryTrie {
  /** 32 bytes. */
  readonly root: Uint8Array
  readonly #entries: readonly TrieEntry[]
  /** Encoded nodes by the hexadecimal form of their hash: nodes that stand at several places are held once. */
  readonly #nodes: ReadonlyMap<string, Uint8Array>

  private constructor(
    entries: readonly TrieEntry[],
    root: Uint8Array,
    nodes: Map<string, Uint8Array>,
  ) {
    this.#entries = entries
    this.root = root
    this.#nodes = nodes
  }

  /**
   * Builds the trie of `entries`, in any order. Keeps keys and values without copying them.
   *
   * @param keccak256 the hash; a `Verifier`'s, where there is one, is faster than the default in JavaScript
   * @throws {LeafOrderError} when a key occurs twice or begins another one, or a value is empty
   */
  static from(
    entries: Iterable<TrieEntry>,
    keccak256: (input: Uint8Array) => Uint8Array = keccak_256,
  ): MemoryTrie {
    const sorted = [...entries].sort(([a], [b]) => compareBytes(a, b))
    const nodes = new Map<string, Uint8Array>()
    const builder = new StackTrie(keccak256, (hash, encoded) =>
      nodes.set(bytesToHex(hash), encoded),
    )
    for (const [key, value] of sorted) builder.addLeaf(bytesToNibbles(key), value)
    return new MemoryTrie(sorted, builder.root(), nodes)
  }

  /** How many leaves there are. */
  get count(): number {
    return this.#entries.length
  }

  /** The value at a key, or `undefined`. */
  get(key: Uint8Array): Uint8Array | undefined {
    const entry = this.#entries[this.#lowerBound(key)]
    return entry !== undefined && compareBytes(entry[0], key) === 0 ? entry[1] : undefined
  }

  /** The leaves with a key ≥ `from`, ascending. */
  *leaves(from: Uint8Array = new Uint8Array()): Generator<TrieEntry, void, undefined> {
    for (let index = this.#lowerBound(from); index < this.#entries.length; index++) {
      yield this.#entries[index]!
    }
  }

  /**
   * Merkle proof of a key or of its absence: the nodes from the root down. Embedded nodes are left out, as they are
   * part of their parents; the root is always there, except that a trie without leaves has no nodes at all.
   *
   * @param key as long as the keys of the trie
   */
  prove(key: Uint8Array): Uint8Array[] {
    const proof: Uint8Array[] = []
    for (const { encoded, reference } of this.#walk(bytesToNibbles(key))) {
      if (referencedHash(reference) !== undefined) proof.push(encoded)
    }
    return proof
  }

  /**
   * The node at a nibble path (one nibble per byte).
   * `undefined`: there is none. `'embedded'`: it is part of its parent and has no hash.
   */
  node(path: NibblePath): Uint8Array | 'embedded' | undefined {
    const keySize = this.#entries[0]?.[0].length ?? 0
    if (path.length > keySize * 2) return undefined
    const key = new Uint8Array(keySize * 2)
    key.set(path)
    const step = this.#walk(key).find(({ depth }) => depth === path.length)
    if (step === undefined) return undefined
    return referencedHash(step.reference) === undefined ? 'embedded' : step.encoded
  }

  #walk(key: NibblePath): PathStep[] {
    if (this.count === 0) return []
    return walkPath((hash) => this.#nodes.get(bytesToHex(hash)), this.root, key)
  }

  /** The index of the first key ≥ `key`. */
  #lowerBound(key: Uint8Array): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (compareBytes(this.#entries[middle]![0], key) < 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
