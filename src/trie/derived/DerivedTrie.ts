import { bytesToHex } from '@noble/hashes/utils.js'
import { type BitPrefix, prefixesOverlap } from '../../bytes/BitPrefix.ts'
import { compareBytes } from '../../bytes/compareBytes.ts'
import type { Verifier } from '../../wasm/Verifier.ts'
import { decodeNode } from '../decodeNode.ts'
import { emptyRoot } from '../emptyHashes.ts'
import { bytesToNibbles, commonPrefixLength, type NibblePath } from '../nibbles.ts'
import { referencedHash } from '../nodeReference.ts'
import type { NodeReference } from '../TrieNode.ts'
import { Fork } from './Fork.ts'
import type { LeafPages, PagesBelow } from './LeafPages.ts'
import { PageTrie } from './PageTrie.ts'
import type { Subtrie } from './Subtrie.ts'
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

/** Pages whose leaves are kept, of those read last: healing goes through one page after the other, several times. */
const RECENT_PAGES = 16

/**
 * The trie of stored leaves: any of its nodes, made when it is asked for out of the pages that hold the leaves below it.
 *
 * Of each page that was read, it keeps the references of its topmost branches (33 bytes for each of the up to eight
 * nibbles that a page spans), so that a change costs reading and hashing the pages that changed, and the branches above
 * them. Leaves may change at any time: an answer is right for a moment between the call and its end. Calls take turns.
 *
 * @example
 * const trie = new DerivedTrie(store.accountPages(), verifier)
 * await trie.root()                     // 32 bytes
 * await trie.node(Uint8Array.of(9, 9))  // undefined where no node hangs at 0x99
 */
export class DerivedTrie {
  readonly #pages: LeafPages
  readonly #hasher: SubtrieHasher
  #top = new Fork()
  /** What all leaves make up; `'unknown'`: not known. */
  #whole: Subtrie | undefined | 'unknown' = 'unknown'
  /** The version of the pages that all that is kept belongs to. */
  #version: number
  /** Least recently used first. */
  readonly #recent = new Map<string, { page: BitPrefix; trie: PageTrie }>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(pages: LeafPages, verifier: Pick<Verifier, 'keccak256'>) {
    this.#pages = pages
    this.#hasher = new SubtrieHasher(verifier)
    this.#version = pages.version
  }

  /** The root hash, 32 bytes; without leaves, that of the empty trie. */
  root(): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      const reference = await this.#reference(NO_PATH)
      return reference ? referencedHash(reference)!.slice() : emptyRoot()
    })
  }

  /**
   * The node that hangs exactly at a path; embedded ones, too. `undefined` where none does, as in the middle of an
   * extension.
   */
  node(path: NibblePath): Promise<DerivedNode | undefined> {
    const at = path.slice()
    return this.#inTurn(() => this.#node(at))
  }

  /**
   * Whether the leaves under a path are those of the trie node with that hash, when it hangs there. Then nothing below
   * the path differs, even where no node hangs right there now, as no other leaves are beside.
   */
  hasNode(path: NibblePath, hash: Uint8Array): Promise<boolean> {
    const at = path.slice()
    return this.#inTurn(async () => {
      const reference = await this.#reference(at)
      const found = reference && referencedHash(reference)
      return found !== undefined && compareBytes(found, hash) === 0
    })
  }

  /** The nodes right below the one at a path, ascending: up to sixteen of a branch, one of an extension. */
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

  /** Runs `work` after all before it, and again when leaves changed under it: it may have seen some old and some new. */
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
    for (const change of changes) {
      this.#forget(change)
      for (const [id, { page }] of this.#recent) {
        if (prefixesOverlap(page, change)) this.#recent.delete(id)
      }
    }
  }

  /** Drops what depends on the leaves under a prefix, and no more. */
  #forget({ bytes, bits }: BitPrefix): void {
    this.#whole = 'unknown'
    if (bits === 0) {
      this.#top = new Fork()
      return
    }
    const path = bytesToNibbles(bytes)
    let fork = this.#top
    let depth = 0
    for (; bits - 4 * depth > 4; depth++) {
      const next = fork.forkAt(path[depth]!)
      if (!next) break
      fork.forget(path[depth]!)
      fork = next
    }
    fork.below = undefined
    // A prefix that ends within a nibble holds 2, 4 or 8 of them.
    const span = 1 << Math.max(4 - (bits - 4 * depth), 0)
    for (let nibble = path[depth]!, end = nibble + span; nibble < end; nibble++) fork.drop(nibble)
  }

  async #node(path: NibblePath): Promise<DerivedNode | undefined> {
    const subtrie = await this.#at(path)
    if (!subtrie || !(await this.#hangsAt(path, subtrie))) return undefined
    const encoded = await this.#encode(path, subtrie)
    const reference =
      path.length === 0 ? this.#hasher.rootReference(encoded) : this.#hasher.reference(encoded)
    return { encoded, reference }
  }

  /** How a parent would refer to what lies under a path, if it hung right there. */
  async #reference(path: NibblePath): Promise<NodeReference | undefined> {
    const subtrie = await this.#at(path)
    if (!subtrie) return undefined
    const reference = this.#hasher.hang(subtrie, path.length)
    if (path.length > 0 || referencedHash(reference)) return reference
    return this.#hasher.rootReference(reference)
  }

  async #encode(path: NibblePath, subtrie: Subtrie): Promise<Uint8Array> {
    if (!isBranchAt(subtrie, path)) return this.#hasher.encodeShort(subtrie, path.length)
    const children: (Subtrie | undefined)[] = []
    for (let nibble = 0; nibble < 16; nibble++) {
      children.push(await this.#at(pathBelow(path, nibble)))
    }
    return this.#hasher.encodeBranch(children, path.length)
  }

  /** Whether a node hangs at a path: a branch at its own place, and else what is right below a branch. */
  async #hangsAt(path: NibblePath, subtrie: Subtrie): Promise<boolean> {
    if (path.length === 0 || isBranchAt(subtrie, path)) return true
    const above = path.subarray(0, -1)
    const { fork, depth } = await this.#walk(path)
    if (depth < above.length) return isBranchAt(await this.#at(above), above)
    for (let nibble = 0; nibble < 16; nibble++) {
      if (nibble !== path.at(-1) && (await this.#hasLeaves(fork, above, nibble))) return true
    }
    return false
  }

  /** Whether there are leaves in a stretch below a fork; looks no further than to the first. */
  async #hasLeaves(fork: Fork, path: NibblePath, nibble: number): Promise<boolean> {
    const below = (await this.#below(fork, path))[nibble]
    if (below !== 'several' || fork.isKnown(nibble)) {
      return (await this.#part(fork, path, nibble)) !== undefined
    }
    const inside = pathBelow(path, nibble)
    for (let next = 0; next < 16; next++) {
      if (await this.#hasLeaves(fork.openFork(nibble), inside, next)) return true
    }
    return false
  }

  /** The subtrie of the leaves under a path. */
  async #at(path: NibblePath): Promise<Subtrie | undefined> {
    if (path.length > 2 * this.#pages.keySize) return undefined
    if (path.length === 0) {
      if (this.#whole === 'unknown') this.#whole = await this.#join(this.#top, NO_PATH)
      return this.#whole
    }
    const { fork, depth } = await this.#walk(path)
    const part = await this.#part(fork, path.subarray(0, depth), path[depth]!)
    if (!part || depth === path.length - 1) return part
    const common = commonPrefixLength(part.path, path)
    if (common === path.length) return part
    if (common < part.path.length) return undefined
    const page = fork.below![path[depth]!] as BitPrefix
    return (await this.#open(page)).at(path)
  }

  /** Down a path to the last fork above its end. */
  async #walk(path: NibblePath): Promise<{ fork: Fork; depth: number }> {
    let fork = this.#top
    let depth = 0
    for (; depth < path.length - 1; depth++) {
      const below = await this.#below(fork, path.subarray(0, depth))
      if (below[path[depth]!] !== 'several') break
      fork = fork.openFork(path[depth]!)
    }
    return { fork, depth }
  }

  /** The subtrie of one of the stretches below a fork. */
  async #part(fork: Fork, path: NibblePath, nibble: number): Promise<Subtrie | undefined> {
    const below = (await this.#below(fork, path))[nibble]!
    if (below === 'none') return undefined
    const inside = pathBelow(path, nibble)
    if (fork.isKnown(nibble)) return fork.get(nibble, inside)
    if (below === 'several') {
      fork.set(nibble, await this.#join(fork.openFork(nibble), inside), inside.length)
    } else {
      await this.#summarize(fork, path, below)
    }
    return fork.get(nibble, inside)
  }

  /** The subtrie of all that a fork spans. */
  async #join(fork: Fork, path: NibblePath): Promise<Subtrie | undefined> {
    const below = await this.#below(fork, path)
    const unread = new Set(below.filter((page, nibble) => isPage(page) && !fork.isKnown(nibble)))
    // At most sixteen pages at once; forks one after the other, as each may hold any number of pages.
    await Promise.all([...unread].map((page) => this.#summarize(fork, path, page as BitPrefix)))
    const parts: (Subtrie | undefined)[] = []
    for (let nibble = 0; nibble < 16; nibble++) parts.push(await this.#part(fork, path, nibble))
    return this.#hasher.join(path, parts)
  }

  /** Keeps what a page holds of the stretches below a fork. */
  async #summarize(fork: Fork, path: NibblePath, page: BitPrefix): Promise<void> {
    const trie = await this.#open(page)
    for (const [nibble, below] of fork.below!.entries()) {
      if (below !== page) continue
      fork.set(nibble, trie.at(pathBelow(path, nibble)), path.length + 1)
    }
  }

  async #below(fork: Fork, path: NibblePath): Promise<readonly PagesBelow[]> {
    fork.below ??= await this.#pages.below(path)
    return fork.below
  }

  async #open(page: BitPrefix): Promise<PageTrie> {
    const id = `${page.bits}:${bytesToHex(page.bytes)}`
    const known = this.#recent.get(id)
    const trie = known?.trie ?? new PageTrie(await this.#pages.read(page), this.#hasher)
    this.#recent.delete(id)
    this.#recent.set(id, { page, trie })
    if (this.#recent.size > RECENT_PAGES) this.#recent.delete(this.#recent.keys().next().value!)
    return trie
  }
}

const NO_PATH: NibblePath = /* @__PURE__ */ new Uint8Array()

function pathBelow(path: NibblePath, nibble: number): NibblePath {
  const below = new Uint8Array(path.length + 1)
  below.set(path)
  below[path.length] = nibble
  return below
}

function isPage(below: PagesBelow): boolean {
  return typeof below !== 'string'
}

function isBranchAt(subtrie: Subtrie | undefined, path: NibblePath): boolean {
  return subtrie?.kind === 'branch' && subtrie.path.length === path.length
}
