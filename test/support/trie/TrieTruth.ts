import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { type Hex, toHex } from '../../../src/base/bytes/hex.ts'
import type { TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'
import { bytesToNibbles, commonPrefixLength, type NibblePath } from '../../../src/trie/nibbles.ts'
import { StackTrie } from '../../../src/trie/StackTrie.ts'
import { walkPath } from '../../../src/trie/walkPath.ts'

/**
 * The nodes of a trie by their path, found by building all of it and walking down to every leaf.
 */
export class TrieTruth {
  readonly root: Uint8Array
  readonly #entries: readonly TrieEntry[]
  /** By path, one hexadecimal digit per nibble. */
  readonly nodes = new Map<string, { path: NibblePath; encoded: Hex; reference: Hex }>()

  /** @param entries ascending */
  constructor(entries: readonly TrieEntry[]) {
    this.#entries = entries
    const stored = new Map<string, Uint8Array>()
    const trie = new StackTrie(keccak_256, (hash, encoded) => stored.set(bytesToHex(hash), encoded))
    for (const [key, value] of entries) trie.addLeaf(bytesToNibbles(key), value)
    this.root = trie.root()
    for (const [key] of entries) {
      const way = bytesToNibbles(key)
      for (const step of walkPath((hash) => stored.get(bytesToHex(hash)), this.root, way)) {
        const path = way.subarray(0, step.depth)
        const [encoded, reference] = [toHex(step.encoded), toHex(step.reference)]
        this.nodes.set(pathName(path), { path, encoded, reference })
      }
    }
  }

  /**
   * The hash of the node that the leaves under a path would make up if it hung there; none where it
   * is embedded.
   */
  hashAt(path: NibblePath): Uint8Array | undefined {
    const below = this.#entries
      .map(([key, value]) => [bytesToNibbles(key), value] as const)
      .filter(([key]) => commonPrefixLength(key, path) === path.length)
    if (below.length === 0) return undefined
    let last: Uint8Array = new Uint8Array()
    const trie = new StackTrie(keccak_256, (_, encoded) => {
      last = encoded
    })
    for (const [key, value] of below) trie.addLeaf(key.subarray(path.length), value)
    const root = trie.root()
    return path.length === 0 || last.length >= 32 ? root : undefined
  }
}

export function pathName(path: NibblePath): string {
  return Array.from(path, (nibble) => nibble.toString(16)).join('')
}
