import type { Leaves } from '../leaves/Leaves.ts'
import { leafKey, leafValue } from '../leaves/Leaves.ts'
import { LeafShapeError } from '../leaves/packLeaves.ts'
import { bytesToNibbles } from '../trie/nibbles.ts'
import { StackTrie } from '../trie/StackTrie.ts'
import { leafShapeFault } from './leafShapeFault.ts'
import type { RootBuilder } from './Verifier.ts'

/** A `RootBuilder` over a `StackTrie`: batches of leaves in, root out. */
export class StackTrieRootBuilder implements RootBuilder {
  readonly #trie: StackTrie
  #keySize: number | undefined

  constructor(keccak256: (input: Uint8Array) => Uint8Array) {
    this.#trie = new StackTrie(keccak256)
  }

  add(leaves: Leaves): void {
    if (leaves.count === 0) return
    const { keySize } = leaves
    const fault = leafShapeFault(leaves)
    if (fault !== undefined) throw new LeafShapeError(fault)
    this.#keySize ??= keySize
    if (keySize !== this.#keySize) {
      throw new LeafShapeError(`keys of ${keySize} bytes after ${this.#keySize}`)
    }
    for (let index = 0; index < leaves.count; index++) {
      const value = leafValue(leaves, index)
      // The trie holds the last value until the next batch, and the batch's buffer may be
      // transferred before.
      const held = index === leaves.count - 1 ? value.slice() : value
      this.#trie.addLeaf(bytesToNibbles(leafKey(leaves, index)), held)
    }
  }

  root(): Uint8Array {
    return this.#trie.root()
  }
}
