import { emptyRoot } from '../account/emptyHashes.ts'
import { LeafOrderError } from '../leaves/errors.ts'
import { encodeNode } from './encodeNode.ts'
import { commonPrefixLength, type NibblePath } from './nibbles.ts'
import { hashReference, referencedHash } from './nodeReference.ts'
import type { NodeReference } from './TrieNode.ts'

/** A branch that may still get children: it lies on the path of the last item. */
interface OpenBranch {
  depth: number
  children: (NodeReference | undefined)[]
}

/** What was added last; where it hangs is known only when the next one comes. */
interface Item {
  path: NibblePath
  value: Uint8Array | undefined
  stub: NodeReference | undefined
}

/**
 * Computes a trie's root from its items in ascending order, and holds only the nodes on the path of
 * the last one (at most one branch per nibble of a key). An item is a leaf, or a stub: a whole
 * subtrie known by its reference alone.
 *
 * @param keccak256 the hash
 * @param onNode receives each node that has a hash (all but the embedded ones, and the root always)
 *   once it is final
 */
export class StackTrie {
  readonly #keccak256: (input: Uint8Array) => Uint8Array
  readonly #onNode: ((hash: Uint8Array, encoded: Uint8Array) => void) | undefined
  readonly #open: OpenBranch[] = []
  #last: Item | undefined
  #root: Uint8Array | undefined

  constructor(
    keccak256: (input: Uint8Array) => Uint8Array,
    onNode?: (hash: Uint8Array, encoded: Uint8Array) => void,
  ) {
    this.#keccak256 = keccak256
    this.#onNode = onNode
  }

  /**
   * Adds a leaf. Keeps `path` and `value` until the next item comes.
   * @throws {LeafOrderError} when it does not come after all before it, or lies below or above one
   *   of them, or is empty
   */
  addLeaf(path: NibblePath, value: Uint8Array): void {
    if (value.length === 0) throw new LeafOrderError(`leaf at ${show(path)} has no value`)
    this.#add({ path, value, stub: undefined })
  }

  /**
   * Adds a subtrie at the place at which it stands in the trie: directly below a branch.
   * @throws {LeafOrderError} as for a leaf
   */
  addStub(path: NibblePath, reference: NodeReference): void {
    this.#add({ path, value: undefined, stub: reference })
  }

  /**
   * Ends the building; asked again, it gives the same root.
   * @returns 32 bytes
   * @throws {LeafOrderError} when a stub does not stand directly below a branch
   */
  root(): Uint8Array {
    this.#root ??= this.#last === undefined ? emptyRoot() : this.#sealRoot(this.#last)
    return this.#root.slice()
  }

  #sealRoot(last: Item): Uint8Array {
    const reference = this.#seal(last, -1)
    const hash = referencedHash(reference)
    if (hash !== undefined) return hash
    // The root is hashed however short it is.
    const root = this.#keccak256(reference)
    this.#onNode?.(root, reference)
    return root
  }

  #add(item: Item): void {
    if (this.#root !== undefined) throw new LeafOrderError(`${show(item.path)} after the root`)
    const last = this.#last
    if (last !== undefined) {
      const fork = commonPrefixLength(last.path, item.path)
      if (
        fork === last.path.length ||
        fork === item.path.length ||
        last.path[fork]! > item.path[fork]!
      ) {
        throw new LeafOrderError(`${show(item.path)} cannot come after ${show(last.path)}`)
      }
      const reference = this.#seal(last, fork)
      if (this.#open.at(-1)?.depth !== fork) {
        this.#open.push({ depth: fork, children: new Array(16).fill(undefined) })
      }
      this.#open.at(-1)!.children[last.path[fork]!] = reference
    }
    this.#last = item
  }

  /**
   * Finishes the last item and all branches below `fork`: the reference to what hangs there under
   * its nibble.
   */
  #seal(last: Item, fork: number): NodeReference {
    let parent = Math.max(fork, this.#open.at(-1)?.depth ?? -1)
    let reference = this.#sealItem(last, parent + 1)
    while (parent > fork) {
      const { depth, children } = this.#open.pop()!
      children[last.path[depth]!] = reference
      reference = this.#reference(encodeNode({ kind: 'branch', children }))
      parent = Math.max(fork, this.#open.at(-1)?.depth ?? -1)
      if (depth > parent + 1) {
        const path = last.path.subarray(parent + 1, depth)
        reference = this.#reference(encodeNode({ kind: 'extension', path, child: reference }))
      }
    }
    return reference
  }

  #sealItem({ path, value, stub }: Item, start: number): NodeReference {
    if (value !== undefined) {
      return this.#reference(encodeNode({ kind: 'leaf', path: path.subarray(start), value }))
    }
    // Whether a stub that stands deeper would need an extension depends on what is in it: nobody
    // knows.
    if (path.length !== start) throw new LeafOrderError(`stub at ${show(path)} has no branch above`)
    return stub!
  }

  #reference(encoded: Uint8Array): NodeReference {
    if (encoded.length < 32) return encoded
    const hash = this.#keccak256(encoded)
    this.#onNode?.(hash, encoded)
    return hashReference(hash)
  }
}

function show(path: NibblePath): string {
  return `path ${Array.from(path, (nibble) => nibble.toString(16)).join('')}`
}
