import { type Hex, toHex } from '../../base/bytes/hex.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import type { Hasher } from '../../trie/Hasher.ts'
import { NodeBatch } from '../../trie/packed/NodeBatch.ts'
import type { PackedTrie } from '../../trie/packed/PackedTrie.ts'
import { StoragePool } from './StoragePool.ts'

/**
 * What accounts of any number of states refer to: storage tries by root, codes by hash. Each is
 * there once.
 */
export class PackedContents {
  /** What all tries of these states are hashed with. */
  readonly batch: NodeBatch
  readonly #storages: StoragePool
  readonly #codes = new Map<Hex, Uint8Array>()
  /** Entries of one state often share the very bytes of a code: these are hashed once. */
  readonly #hashes = new WeakMap<Uint8Array, Uint8Array>()

  constructor(hasher: Hasher) {
    this.batch = new NodeBatch(hasher)
    this.#storages = new StoragePool(this.batch)
  }

  /** How many different codes there are. */
  get codeCount(): number {
    return this.#codes.size
  }

  /**
   * Adds a code, unless it is there.
   * @returns its hash
   */
  addCode(code: Uint8Array): Uint8Array {
    const known = this.#hashes.get(code)
    if (known !== undefined) return known
    const hash = this.batch.keccak256(code)
    this.#hashes.set(code, hash)
    if (code.length > 0) this.#codes.set(toHex(hash), code)
    return hash
  }

  code(codeHash: Uint8Array): Uint8Array | undefined {
    return this.#codes.get(toHex(codeHash))
  }

  /**
   * Adds a storage trie, unless it is there.
   *
   * @param slots sorted by the hashes of their keys; kept
   * @returns its root
   * @throws {LeafOrderError} when a slot occurs twice
   */
  addStorage(slots: Leaves): Uint8Array {
    return this.#storages.add(slots)
  }

  storage(root: Uint8Array): PackedTrie | undefined {
    return this.#storages.get(root)
  }
}
