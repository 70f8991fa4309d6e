import { compareBytes } from '../bytes/compareBytes.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import { leafKey } from '../leaves/leafAt.ts'
import { lowerBound } from '../leaves/lowerBound.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import { sliceLeaves } from '../leaves/sliceLeaves.ts'
import type { StoreTransaction } from './backend/StoreBackend.ts'
import type { KeyPrefix } from './directory/KeyPrefix.ts'
import type { PageDirectory } from './directory/PageDirectory.ts'
import { splitLeaves } from './directory/splitLeaves.ts'
import { StoreCorruptError } from './errors/StoreCorruptError.ts'
import type { KeyRange } from './KeyRange.ts'
import { dropRanges } from './page/dropRanges.ts'
import { encodePage } from './page/encodePage.ts'
import { mergeLeaves } from './page/mergeLeaves.ts'
import { Page } from './page/Page.ts'

/**
 * The most bytes of a page. Values of 16 to 32 KB are what IndexedDB reads and writes fastest, and a page that grows
 * past 32 KB leaves two halves of about 16; from 64 KB on LevelDB gives each value a file of its own.
 */
const PAGE_LIMIT = 32 * 1024

export type PageTableName = 'accounts' | 'slots'

/** Bytes of a key: account hash; account hash ‖ slot hash. */
export const KEY_SIZES: Record<PageTableName, number> = { accounts: 32, slots: 64 }

/** What a write of leaves did to a table. */
export interface PageTableChange {
  directory: PageDirectory
  /** Whether the set of pages is another one. */
  pagesChanged: boolean
  /** Where leaves changed: what pages there were, and those that are new. */
  changed: readonly KeyPrefix[]
  /** Leaves more than before. */
  leaves: number
  /** Bytes of keys and values more than before; as `leaves`, negative where more was removed than put. */
  bytes: number
}

/** What a write does to one page. */
interface PageEdit {
  prefix: KeyPrefix
  exists: boolean
  removed: KeyRange[]
  /** The leaves to put, all under `prefix`. */
  fresh: Leaves
}

/** One leaf table as a transaction sees it: its pages and the directory that says where they are. */
export class PageTable {
  readonly directory: PageDirectory
  readonly #name: PageTableName
  readonly #keySize: number
  readonly #transaction: StoreTransaction

  constructor(name: PageTableName, transaction: StoreTransaction, directory: PageDirectory) {
    this.#name = name
    this.#keySize = KEY_SIZES[name]
    this.#transaction = transaction
    this.directory = directory
  }

  /** @throws {StoreCorruptError} */
  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const { prefix, exists } = this.directory.pageOf(key)
    if (!exists) return undefined
    return (await this.#read(prefix)).get(key)?.slice()
  }

  /**
   * The leaves from key `from` on, those of `limit` pages at most; with each page's the key where the next page may
   * begin (`undefined`: it reaches to the end of the key space).
   * @throws {StoreCorruptError}
   */
  pages(
    from: Uint8Array,
    limit: number,
  ): Promise<{ leaves: Leaves; end: Uint8Array | undefined }[]> {
    const prefixes = this.directory.pagesFrom(from, limit)
    return Promise.all(
      prefixes.map(async (prefix) => {
        const leaves = await this.#readLeaves(prefix)
        const rest = sliceLeaves(leaves, lowerBound(leaves, from), leaves.count)
        return { leaves: rest, end: prefix.end(this.#keySize) }
      }),
    )
  }

  /**
   * All leaves under a prefix, whatever pages they are in.
   * @throws {StoreCorruptError}
   */
  async leavesUnder(prefix: KeyPrefix): Promise<Leaves> {
    const pages = this.directory.pagesUnder(prefix, Number.POSITIVE_INFINITY)
    const parts = await Promise.all(pages.map((page) => this.#readLeaves(page)))
    const leaves = parts.reduce(mergeLeaves, packLeaves([], this.#keySize))
    const end = prefix.end(this.#keySize)
    const to = end ? lowerBound(leaves, end) : leaves.count
    return sliceLeaves(leaves, lowerBound(leaves, prefix.bytes), to)
  }

  /**
   * Removes the leaves in the ranges, then merges ascending leaves into the pages they belong to.
   * @throws {StoreCorruptError} when a page that is there already cannot be read
   */
  async write(leaves: Leaves, removed: readonly KeyRange[]): Promise<PageTableChange> {
    const edits = this.#edits(leaves, removed)
    const edited = await Promise.all(edits.map((edit) => this.#editPage(edit)))
    const changes = edited.filter((change) => change !== undefined)
    const pageChanges = changes.filter(({ exists, pieces }) => !exists || pieces.length !== 1)
    return {
      directory: this.directory.with(pageChanges),
      pagesChanged: pageChanges.length > 0,
      changed: changes.map(({ prefix }) => prefix),
      leaves: changes.reduce((sum, change) => sum + change.leaves, 0),
      bytes: changes.reduce((sum, change) => sum + change.bytes, 0),
    }
  }

  /** What is to be done to each page, ascending. */
  #edits(leaves: Leaves, removed: readonly KeyRange[]): PageEdit[] {
    const edits = new Map<KeyPrefix, PageEdit>()
    const editOf = (prefix: KeyPrefix, exists: boolean): PageEdit => {
      const known = edits.get(prefix)
      const edit = known ?? { prefix, exists, removed: [], fresh: packLeaves([], this.#keySize) }
      if (!known) edits.set(prefix, edit)
      return edit
    }
    for (const range of removed) {
      for (const prefix of this.directory.pagesIn(range)) editOf(prefix, true).removed.push(range)
    }
    for (let from = 0, to = 0; from < leaves.count; from = to) {
      const { prefix, exists } = this.directory.pageOf(leafKey(leaves, from))
      const end = prefix.end(this.#keySize)
      to = end ? lowerBound(leaves, end) : leaves.count
      editOf(prefix, exists).fresh = sliceLeaves(leaves, from, to)
    }
    return [...edits.values()].sort((a, b) => compareBytes(a.prefix.bytes, b.prefix.bytes))
  }

  /** `undefined`: there was nothing to do. */
  async #editPage({ prefix, exists, removed, fresh }: PageEdit) {
    const old = exists ? await this.#readLeaves(prefix) : packLeaves([], this.#keySize)
    const kept = dropRanges(old, removed)
    if (kept === old && fresh.count === 0) return undefined
    const merged = mergeLeaves(kept, fresh)
    const cuts = merged.count === 0 ? [] : splitLeaves(prefix, merged, PAGE_LIMIT)
    if (exists && cuts.length !== 1) this.#transaction.delete(this.#name, prefix.id())
    for (const { prefix, from, to } of cuts) {
      this.#transaction.put(this.#name, prefix.id(), encodePage(merged, from, to))
    }
    return {
      prefix,
      exists,
      pieces: cuts.map((cut) => cut.prefix),
      leaves: merged.count - old.count,
      bytes: merged.keys.length + merged.values.length - old.keys.length - old.values.length,
    }
  }

  async #read(prefix: KeyPrefix): Promise<Page> {
    const bytes = await this.#transaction.get(this.#name, prefix.id())
    if (!bytes) throw new StoreCorruptError(`page [${prefix.id()}] of ${this.#name} is missing`)
    return new Page(bytes, this.#keySize)
  }

  async #readLeaves(prefix: KeyPrefix): Promise<Leaves> {
    const leaves = (await this.#read(prefix)).leaves()
    for (const key of [leafKey(leaves, 0), leafKey(leaves, leaves.count - 1)]) {
      if (!prefix.contains(key)) {
        throw new StoreCorruptError(`page [${prefix.id()}] of ${this.#name} holds another's leaves`)
      }
    }
    return leaves
  }
}
