import { bytesToHex } from '@noble/hashes/utils.js'
import { type BitPrefix, prefixesOverlap } from '../../base/bytes/BitPrefix.ts'
import { LruMap } from '../../base/LruMap.ts'
import { bytesToNibbles, commonPrefixLength, type NibblePath } from '../nibbles.ts'
import type { LeafPages, PagesBelow } from './LeafPages.ts'
import { PageTrie } from './PageTrie.ts'
import { pathBelow } from './pathBelow.ts'
import { SkeletonNode } from './SkeletonNode.ts'
import { isBranchAt, type Subtrie } from './Subtrie.ts'
import type { SubtrieHasher } from './SubtrieHasher.ts'

/**
 * Pages whose leaves are kept, of those read last: healing goes through one page after the other,
 * several times.
 */
const RECENT_PAGES = 16

/**
 * The subtries of stored leaves: those at the top are kept, those within one page are made out of
 * its leaves. One call at a time; who calls says which leaves changed.
 */
export class Skeleton {
  readonly #pages: LeafPages
  readonly #hasher: SubtrieHasher
  #top = new SkeletonNode()
  /** What all leaves make up; `'unknown'`: not known. */
  #whole: Subtrie | undefined | 'unknown' = 'unknown'
  readonly #recent = new LruMap<string, { page: BitPrefix; trie: PageTrie }>(RECENT_PAGES)

  constructor(pages: LeafPages, hasher: SubtrieHasher) {
    this.#pages = pages
    this.#hasher = hasher
  }

  /** Drops what depends on the leaves under a prefix, and no more. */
  forget(change: BitPrefix): void {
    const { bytes, bits } = change
    this.#whole = 'unknown'
    for (const [id, { page }] of this.#recent.entries()) {
      if (prefixesOverlap(page, change)) this.#recent.delete(id)
    }
    if (bits === 0) {
      this.#top = new SkeletonNode()
      return
    }
    const path = bytesToNibbles(bytes)
    let node = this.#top
    let depth = 0
    for (; bits - 4 * depth > 4; depth++) {
      const next = node.nodeAt(path[depth]!)
      if (!next) break
      node.forget(path[depth]!)
      node = next
    }
    node.below = undefined
    // A prefix that ends within a nibble holds 2, 4 or 8 of them.
    const span = 1 << Math.max(4 - (bits - 4 * depth), 0)
    for (let nibble = path[depth]!, end = nibble + span; nibble < end; nibble++) node.drop(nibble)
  }

  /** The subtrie of the leaves under a path. */
  async at(path: NibblePath): Promise<Subtrie | undefined> {
    if (path.length > 2 * this.#pages.keySize) return undefined
    if (path.length === 0) {
      if (this.#whole === 'unknown') this.#whole = await this.#join(this.#top, NO_PATH)
      return this.#whole
    }
    const { node, depth } = await this.#walk(path)
    const part = await this.#part(node, path.subarray(0, depth), path[depth]!)
    if (!part || depth === path.length - 1) return part
    const common = commonPrefixLength(part.path, path)
    if (common === path.length) return part
    if (common < part.path.length) return undefined
    const page = node.below![path[depth]!] as BitPrefix
    return (await this.#open(page)).at(path)
  }

  /**
   * Whether a node hangs at a path: a branch at its own place, and else what is right below a
   * branch.
   */
  async hangsAt(path: NibblePath, subtrie: Subtrie): Promise<boolean> {
    if (path.length === 0 || isBranchAt(subtrie, path)) return true
    const above = path.subarray(0, -1)
    const { node, depth } = await this.#walk(path)
    if (depth < above.length) return isBranchAt(await this.at(above), above)
    for (let nibble = 0; nibble < 16; nibble++) {
      if (nibble !== path.at(-1) && (await this.#hasLeaves(node, above, nibble))) return true
    }
    return false
  }

  /** Whether there are leaves in a stretch below a node; looks no further than to the first. */
  async #hasLeaves(node: SkeletonNode, path: NibblePath, nibble: number): Promise<boolean> {
    const below = (await this.#below(node, path))[nibble]
    if (below !== 'several' || node.isKnown(nibble)) {
      return (await this.#part(node, path, nibble)) !== undefined
    }
    const inside = pathBelow(path, nibble)
    for (let next = 0; next < 16; next++) {
      if (await this.#hasLeaves(node.openNode(nibble), inside, next)) return true
    }
    return false
  }

  /** Down a path to the last node above its end. */
  async #walk(path: NibblePath): Promise<{ node: SkeletonNode; depth: number }> {
    let node = this.#top
    let depth = 0
    for (; depth < path.length - 1; depth++) {
      const below = await this.#below(node, path.subarray(0, depth))
      if (below[path[depth]!] !== 'several') break
      node = node.openNode(path[depth]!)
    }
    return { node, depth }
  }

  /** The subtrie of one of the stretches below a node. */
  async #part(node: SkeletonNode, path: NibblePath, nibble: number): Promise<Subtrie | undefined> {
    const below = (await this.#below(node, path))[nibble]!
    if (below === 'none') return undefined
    const inside = pathBelow(path, nibble)
    if (node.isKnown(nibble)) return node.get(nibble, inside)
    if (below === 'several') {
      node.set(nibble, await this.#join(node.openNode(nibble), inside), inside.length)
    } else {
      await this.#summarize(node, path, below)
    }
    return node.get(nibble, inside)
  }

  /** The subtrie of all that a node spans. */
  async #join(node: SkeletonNode, path: NibblePath): Promise<Subtrie | undefined> {
    const below = await this.#below(node, path)
    const unread = new Set(below.filter((page, nibble) => isPage(page) && !node.isKnown(nibble)))
    // At most sixteen pages at once; forks one after the other, as each may hold any number of
    // pages.
    const reads = [...unread].map((page) => this.#summarize(node, path, page as BitPrefix))
    // Where one fails, the others must not write into what changed since.
    for (const read of await Promise.allSettled(reads)) {
      if (read.status === 'rejected') throw read.reason
    }
    const parts: (Subtrie | undefined)[] = []
    for (let nibble = 0; nibble < 16; nibble++) parts.push(await this.#part(node, path, nibble))
    return this.#hasher.join(path, parts)
  }

  /** Keeps what a page holds of the stretches below a node. */
  async #summarize(node: SkeletonNode, path: NibblePath, page: BitPrefix): Promise<void> {
    const trie = await this.#open(page)
    for (const [nibble, below] of node.below!.entries()) {
      if (below !== page) continue
      node.set(nibble, trie.at(pathBelow(path, nibble)), path.length + 1)
    }
  }

  async #below(node: SkeletonNode, path: NibblePath): Promise<readonly PagesBelow[]> {
    node.below ??= await this.#pages.below(path)
    return node.below
  }

  async #open(page: BitPrefix): Promise<PageTrie> {
    const id = `${page.bits}:${bytesToHex(page.bytes)}`
    const known = this.#recent.get(id)
    if (known !== undefined) return known.trie
    const trie = new PageTrie(await this.#pages.read(page), this.#hasher)
    this.#recent.set(id, { page, trie })
    return trie
  }
}

const NO_PATH: NibblePath = /* @__PURE__ */ new Uint8Array()

function isPage(below: PagesBelow): boolean {
  return typeof below !== 'string'
}
