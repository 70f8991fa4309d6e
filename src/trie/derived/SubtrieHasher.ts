import type { Leaves } from '../../leaves/Leaves.ts'
import { encodeNode } from '../encodeNode.ts'
import type { Hasher } from '../Hasher.ts'
import type { NibblePath } from '../nibbles.ts'
import { hashReference } from '../nodeReference.ts'
import type { NodeReference } from '../TrieNode.ts'
import type { Subtrie } from './Subtrie.ts'

/** Joins subtries to larger ones, and makes the nodes that hang at a depth out of them. */
export class SubtrieHasher {
  readonly #verifier: Hasher

  constructor(verifier: Hasher) {
    this.#verifier = verifier
  }

  /**
   * The subtrie of all keys under a path, out of those one nibble below it: with a branch where at
   * least two of them hold leaves; else what there is moves up as it is.
   */
  join(path: NibblePath, children: readonly (Subtrie | undefined)[]): Subtrie | undefined {
    const present = children.filter((child) => child !== undefined)
    if (present.length < 2) return present[0]
    const reference = this.reference(this.encodeBranch(children, path.length))
    return { kind: 'branch', path, reference }
  }

  /** The subtrie of leaves, two at least, in one go. `path`: what all their keys have in common. */
  branchOf(path: NibblePath, leaves: Leaves): Subtrie {
    return { kind: 'branch', path, reference: this.#verifier.branchOf(leaves) }
  }

  /** The branch at `depth` over sixteen subtries. */
  encodeBranch(children: readonly (Subtrie | undefined)[], depth: number): Uint8Array {
    const references = children.map((child) => child && this.hang(child, depth + 1))
    return encodeNode({ kind: 'branch', children: references })
  }

  /** The reference to a subtrie's topmost node, where that hangs at `depth`. */
  hang(subtrie: Subtrie, depth: number): NodeReference {
    if (subtrie.kind === 'branch' && subtrie.path.length === depth) return subtrie.reference
    return this.reference(this.encodeShort(subtrie, depth))
  }

  /** The leaf, or the extension to a branch that stands deeper than `depth`. */
  encodeShort(subtrie: Subtrie, depth: number): Uint8Array {
    const path = subtrie.path.subarray(depth)
    if (subtrie.kind === 'leaf') return encodeNode({ kind: 'leaf', path, value: subtrie.value })
    return encodeNode({ kind: 'extension', path, child: subtrie.reference })
  }

  /** The reference to a node below another one. */
  reference(encoded: Uint8Array): NodeReference {
    return encoded.length < 32 ? encoded : hashReference(this.#verifier.keccak256(encoded))
  }

  /** The reference to a node that is the root, which is hashed however short it is. */
  rootReference(encoded: Uint8Array): NodeReference {
    return hashReference(this.#verifier.keccak256(encoded))
  }
}
