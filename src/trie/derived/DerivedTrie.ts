import { emptyRoot } from '../../account/emptyHashes.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey } from '../../leaves/Leaves.ts'
import { decodeNode } from '../decodeNode.ts'
import type { Hasher } from '../Hasher.ts'
import { bytesToNibbles, type NibblePath } from '../nibbles.ts'
import { referencedHash } from '../nodeReference.ts'
import type { NodeReference } from '../TrieNode.ts'
import type { LeafPages } from './LeafPages.ts'
import { pathBelow } from './pathBelow.ts'
import { Skeleton } from './Skeleton.ts'
import { isBranchAt, type Subtrie } from './Subtrie.ts'
import { SubtrieHasher } from './SubtrieHasher.ts'

/** A node of a trie that is nowhere stored. */
export interface DerivedNode {
  encoded: Uint8Array
  /** How its parent refers to it; to the root, by its hash always. */
  reference: NodeReference
}

/** A node below another one. */
export interface DerivedChild {
  /** From the root of the trie. */
  path: NibblePath
  reference: NodeReference
}

/**
 * The trie of stored leaves: any of its nodes, made when it is asked for out of the pages that hold
 * the leaves below it.
 *
 * Of each page that was read, it keeps the references of its topmost branches (33 bytes for each of
 * the up to eight nibbles that a page spans), so that a change costs reading and hashing the pages
 * that changed, and the branches above them. Leaves may change at any time: an answer is right for
 * a moment between the call and its end. Calls take turns.
 *
 * @example
 * const trie = new DerivedTrie(store.working.accountPages(), verifier)
 * await trie.root()                     // 32 bytes
 * await trie.node(Uint8Array.of(9, 9))  // undefined where no node hangs at 0x99
 */
export class DerivedTrie {
  readonly #pages: LeafPages
  readonly #hasher: SubtrieHasher
  readonly #skeleton: Skeleton
  /** The version of the pages that all that is kept belongs to. */
  #version: number
  #last: Promise<unknown> = Promise.resolve()

  constructor(pages: LeafPages, verifier: Hasher) {
    this.#pages = pages
    this.#hasher = new SubtrieHasher(verifier)
    this.#skeleton = new Skeleton(pages, this.#hasher)
    this.#version = pages.version
  }

  /** The root hash, 32 bytes; without leaves, that of the empty trie. */
  root(): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      const reference = await this.#reference(NO_PATH)
      return reference ? referencedHash(reference)!.slice() : emptyRoot()
    })
  }

  /** The version of the stored leaves: moves with every change. */
  get version(): number {
    return this.#pages.version
  }

  /**
   * Takes in a whole page that was just read, so that it need not be read again; where leaves have
   * changed since, it is.
   *
   * @param leaves in the form in which they are stored; one at least
   * @param version what it was before they were read
   */
  async take(leaves: Leaves, version: number): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#pages.version === version) this.#pages.offer(leaves)
      await this.#skeleton.at(bytesToNibbles(leafKey(leaves, 0)))
    })
  }

  /**
   * The node that hangs exactly at a path; embedded ones, too. `undefined` where none does, as in
   * the middle of an extension.
   */
  node(path: NibblePath): Promise<DerivedNode | undefined> {
    const at = path.slice()
    return this.#inTurn(() => this.#node(at))
  }

  /**
   * Whether the leaves under a path are those of the trie node with that hash, when it hangs there.
   * Then nothing below the path differs, even where no node hangs right there now, as no other
   * leaves are beside.
   */
  hasNode(path: NibblePath, hash: Uint8Array): Promise<boolean> {
    const at = path.slice()
    return this.#inTurn(async () => {
      const reference = await this.#reference(at)
      const found = reference && referencedHash(reference)
      return found !== undefined && compareBytes(found, hash) === 0
    })
  }

  /**
   * The nodes right below the one at a path, ascending: up to sixteen of a branch, one of an
   * extension.
   */
  async children(path: NibblePath): Promise<DerivedChild[]> {
    const at = path.slice()
    const found = await this.node(at)
    if (!found) return []
    const node = decodeNode(found.encoded)
    if (node.kind === 'leaf') return []
    if (node.kind === 'extension') {
      return [{ path: Uint8Array.of(...at, ...node.path), reference: node.child }]
    }
    return node.children.flatMap((reference, nibble) =>
      reference ? [{ path: pathBelow(at, nibble), reference }] : [],
    )
  }

  /**
   * Runs `work` after all before it, and again when leaves changed under it: it may have seen some
   * old and some new.
   */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(async () => {
      for (;;) {
        this.#takeChanges()
        const answer = await work()
        if (this.#pages.version === this.#version) return answer
      }
    })
    this.#last = result.catch(() => undefined)
    return result
  }

  #takeChanges(): void {
    const changes = this.#pages.changesSince(this.#version)
    this.#version = this.#pages.version
    for (const change of changes) this.#skeleton.forget(change)
  }

  async #node(path: NibblePath): Promise<DerivedNode | undefined> {
    const subtrie = await this.#skeleton.at(path)
    if (!subtrie || !(await this.#skeleton.hangsAt(path, subtrie))) return undefined
    const encoded = await this.#encode(path, subtrie)
    const reference =
      path.length === 0 ? this.#hasher.rootReference(encoded) : this.#hasher.reference(encoded)
    return { encoded, reference }
  }

  /** How a parent would refer to what lies under a path, if it hung right there. */
  async #reference(path: NibblePath): Promise<NodeReference | undefined> {
    const subtrie = await this.#skeleton.at(path)
    if (!subtrie) return undefined
    const reference = this.#hasher.hang(subtrie, path.length)
    if (path.length > 0 || referencedHash(reference)) return reference
    return this.#hasher.rootReference(reference)
  }

  async #encode(path: NibblePath, subtrie: Subtrie): Promise<Uint8Array> {
    if (!isBranchAt(subtrie, path)) return this.#hasher.encodeShort(subtrie, path.length)
    const children: (Subtrie | undefined)[] = []
    for (let nibble = 0; nibble < 16; nibble++) {
      children.push(await this.#skeleton.at(pathBelow(path, nibble)))
    }
    return this.#hasher.encodeBranch(children, path.length)
  }
}

const NO_PATH: NibblePath = /* @__PURE__ */ new Uint8Array()
