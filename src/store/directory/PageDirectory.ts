import { type BitPrefix, prefixesOverlap } from '../../base/bytes/BitPrefix.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { sharedBits } from '../../base/bytes/sharedBits.ts'
import { firstIndex } from '../../base/firstIndex.ts'
import { StoreCorruptError } from '../errors.ts'
import type { KeyRange } from '../KeyRange.ts'
import { KeyPrefix } from './KeyPrefix.ts'
import type { PageKey } from './PageKey.ts'

/**
 * What a commit makes of one page, which exists already or not: one page, the pieces it was split
 * into, or nothing.
 */
export interface PageChange {
  prefix: KeyPrefix
  exists: boolean
  pieces: readonly PageKey[]
}

/**
 * Which pages of a table a state has: their prefixes are disjoint and ascend. Keys under none of
 * them have no leaf. A directory never changes; a commit makes a new one, which takes the old one's
 * place when the transaction is through.
 */
export class PageDirectory {
  /** Ascending. */
  readonly pages: readonly PageKey[]
  #sum: number | undefined

  private constructor(pages: readonly PageKey[]) {
    this.pages = pages
  }

  /**
   * @param pages of a table, ascending
   * @throws {StoreCorruptError} when two of them overlap
   */
  static of(pages: readonly PageKey[]): PageDirectory {
    pages.forEach((page, index) => {
      const before = pages[index - 1]
      if (before && prefixesOverlap(before.prefix, page.prefix)) {
        throw new StoreCorruptError(`${before} and ${page} overlap`)
      }
    })
    return new PageDirectory(pages)
  }

  /**
   * What all pages make up together, 32 bits: with a page less or more it is another. A record that
   * is gone leaves no other trace, and a key under none of the pages has no leaf.
   */
  get sum(): number {
    this.#sum ??= this.pages.reduce((sum, { hash }) => sum ^ hash, this.pages.length) >>> 0
    return this.#sum
  }

  /** The page of exactly this prefix. */
  at(prefix: KeyPrefix): PageKey | undefined {
    const page = this.pages[this.#firstAfter(prefix.bytes) - 1]
    const same = page?.prefix.bits === prefix.bits && page.prefix.contains(prefix.bytes)
    return same ? page : undefined
  }

  /**
   * The page that a key belongs to. If it does not exist yet, the prefix of the page to make: the
   * shortest prefix of the key that overlaps with no other page.
   */
  pageOf(key: Uint8Array): { prefix: KeyPrefix; page: PageKey | undefined } {
    const after = this.#firstAfter(key)
    const left = this.pages[after - 1]
    const right = this.pages[after]
    if (left?.prefix.contains(key)) return { prefix: left.prefix, page: left }
    const bits = [left, right].map((page) => (page ? sharedBits(page.prefix.bytes, key) + 1 : 0))
    return { prefix: new KeyPrefix(key, Math.max(...bits)), page: undefined }
  }

  /** The first `limit` pages that hold `key` or keys after it, ascending. */
  pagesFrom(key: Uint8Array, limit: number): readonly PageKey[] {
    const start = this.#firstFrom(key)
    return this.pages.slice(start, start + limit)
  }

  /** The first `limit` pages that may hold keys under a prefix, ascending. */
  pagesUnder(prefix: BitPrefix, limit: number): readonly PageKey[] {
    const pages = this.pagesFrom(prefix.bytes, limit)
    return pages.filter((page) => prefixesOverlap(page.prefix, prefix))
  }

  /** The pages that may hold keys of a range, ascending. */
  pagesIn({ first, last }: KeyRange): readonly PageKey[] {
    return this.pages.slice(this.#firstFrom(first), this.#firstAfter(last))
  }

  /**
   * This directory after pages were made, or replaced by their pieces, if any are left; `changes`
   * ascend.
   */
  with(changes: readonly PageChange[]): PageDirectory {
    const pages: PageKey[] = []
    let copied = 0
    for (const { prefix, exists, pieces } of changes) {
      const after = this.#firstAfter(prefix.bytes)
      pages.push(...this.pages.slice(copied, exists ? after - 1 : after), ...pieces)
      copied = after
    }
    return new PageDirectory(pages.concat(this.pages.slice(copied)))
  }

  /** The index of the first page that holds `key` or keys after it. */
  #firstFrom(key: Uint8Array): number {
    const after = this.#firstAfter(key)
    return this.pages[after - 1]?.prefix.contains(key) ? after - 1 : after
  }

  /** The index of the first page that begins after `key`. */
  #firstAfter(key: Uint8Array): number {
    return firstIndex(this.pages.length, (index) => {
      return compareBytes(this.pages[index]!.prefix.bytes, key) > 0
    })
  }
}
