import type { LruMap } from '../../base/LruMap.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, lowerBound, sliceLeaves } from '../../leaves/Leaves.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import type { StoreTransaction } from '../backend/StoreBackend.ts'
import type { KeyPrefix } from '../directory/KeyPrefix.ts'
import type { PageDirectory } from '../directory/PageDirectory.ts'
import type { PageKey } from '../directory/PageKey.ts'
import { StoreCorruptError } from '../errors.ts'
import { mergeLeaves } from '../page/mergeLeaves.ts'
import { Page } from '../page/Page.ts'

export const PAGE_TABLES = ['accounts', 'slots'] as const

export type PageTableName = (typeof PAGE_TABLES)[number]

/** Bytes of a key: account hash; account hash ‖ slot hash. */
export const KEY_SIZES: Record<PageTableName, number> = { accounts: 32, slots: 64 }

/**
 * One leaf table of one state, inside of a transaction: its pages and the directory that says where
 * they are.
 */
export class PageTable {
  readonly directory: PageDirectory
  readonly #name: PageTableName
  readonly #keySize: number
  readonly #transaction: StoreTransaction
  readonly #recent: LruMap<PageKey, Page> | undefined

  /**
   * @param recent where the pages that `get` reads are kept: for a state whose pages do not change
   */
  constructor(
    name: PageTableName,
    transaction: StoreTransaction,
    directory: PageDirectory,
    recent?: LruMap<PageKey, Page>,
  ) {
    this.#recent = recent
    this.#name = name
    this.#keySize = KEY_SIZES[name]
    this.#transaction = transaction
    this.directory = directory
  }

  /** @throws {StoreCorruptError} */
  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const { page } = this.directory.pageOf(key)
    if (page === undefined) return undefined
    const kept = this.#recent?.get(page)
    if (kept !== undefined) return kept.get(key)?.slice()
    const read = await this.#read(page)
    this.#recent?.set(page, read)
    return read.get(key)?.slice()
  }

  /**
   * The leaves from key `from` on, those of `limit` pages at most; with each page's the key where
   * the next page may begin (`undefined`: it reaches to the end of the key space).
   * @throws {StoreCorruptError}
   */
  pages(
    from: Uint8Array,
    limit: number,
  ): Promise<{ leaves: Leaves; end: Uint8Array | undefined }[]> {
    const pages = this.directory.pagesFrom(from, limit)
    return Promise.all(
      pages.map(async (page) => {
        const leaves = await this.leavesOf(page)
        const rest = sliceLeaves(leaves, lowerBound(leaves, from), leaves.count)
        return { leaves: rest, end: page.prefix.end(this.#keySize) }
      }),
    )
  }

  /**
   * All leaves under a prefix, from every page that holds some.
   * @throws {StoreCorruptError}
   */
  async leavesUnder(prefix: KeyPrefix): Promise<Leaves> {
    const pages = this.directory.pagesUnder(prefix, Number.POSITIVE_INFINITY)
    const parts = await Promise.all(pages.map((page) => this.leavesOf(page)))
    const leaves = parts.reduce(mergeLeaves, packLeaves([], this.#keySize))
    const end = prefix.end(this.#keySize)
    const to = end ? lowerBound(leaves, end) : leaves.count
    return sliceLeaves(leaves, lowerBound(leaves, prefix.bytes), to)
  }

  /**
   * All leaves of one page.
   * @throws {StoreCorruptError}
   */
  async leavesOf(page: PageKey): Promise<Leaves> {
    const leaves = (await this.#read(page)).leaves()
    for (const key of [leafKey(leaves, 0), leafKey(leaves, leaves.count - 1)]) {
      if (!page.prefix.contains(key)) {
        throw new StoreCorruptError(`${page} of ${this.#name} holds another's leaves`)
      }
    }
    return leaves
  }

  async #read(page: PageKey): Promise<Page> {
    const key = page.bytes()
    const bytes = await this.#transaction.get(this.#name, key)
    if (!bytes) throw new StoreCorruptError(`${page} of ${this.#name} is missing`)
    return new Page(bytes, this.#keySize, key)
  }
}
