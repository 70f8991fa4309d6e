import { compareBytes } from '../../base/bytes/compareBytes.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, lowerBound, sliceLeaves } from '../../leaves/Leaves.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import type { StoreTransaction } from '../backend/StoreBackend.ts'
import type { KeyPrefix } from '../directory/KeyPrefix.ts'
import type { PageChange } from '../directory/PageDirectory.ts'
import { PageKey } from '../directory/PageKey.ts'
import type { PageViews } from '../directory/PageViews.ts'
import { splitLeaves } from '../directory/splitLeaves.ts'
import type { KeyRange } from '../KeyRange.ts'
import { dropRanges } from '../page/dropRanges.ts'
import { encodePage } from '../page/encodePage.ts'
import { mergeLeaves } from '../page/mergeLeaves.ts'
import { KEY_SIZES, PageTable, type PageTableName } from '../view/PageTable.ts'

/**
 * The most bytes of a page. Values of 16 to 32 KB are what IndexedDB reads and writes fastest, and
 * a page that grows past 32 KB leaves two halves of about 16; from 64 KB on LevelDB gives each
 * value a file of its own.
 */
const PAGE_LIMIT = 32 * 1024

/** What a write of leaves did to a table. */
export interface PageTableChange {
  views: PageViews
  /** Whether the working state has other pages than before. */
  pagesChanged: boolean
  /** Where leaves changed: what pages there were, and those that are new. */
  changed: readonly KeyPrefix[]
  /** Leaves more than before. */
  leaves: number
  /**
   * Bytes of keys and values more than before; as `leaves`, negative where more was removed than
   * put.
   */
  bytes: number
}

/**
 * Pages that are read side by side: to clear a range may take all that there are, some 10 MB for
 * each 300.
 */
const READ_AT_ONCE = 64

/** What became of one page. */
interface EditedPage extends PageChange {
  /** Whether it is the same page with other leaves. */
  inPlace: boolean
  leaves: number
  bytes: number
}

/** What a write does to one page. */
interface PageEdit {
  prefix: KeyPrefix
  /** The page that is there already. */
  page: PageKey | undefined
  removed: KeyRange[]
  /** The leaves to put, all under `prefix`. */
  fresh: Leaves
}

/**
 * Changes the working state of one leaf table, inside of a transaction. Pages of older generations
 * stay as they are, since the completed state shows them; what becomes of them is written beside
 * them.
 */
export class PageWriter {
  readonly #name: PageTableName
  readonly #keySize: number
  readonly #transaction: StoreTransaction
  readonly #views: PageViews
  readonly #pages: PageTable
  readonly #generation: number

  /** @param generation of the working state */
  constructor(
    name: PageTableName,
    transaction: StoreTransaction,
    views: PageViews,
    generation: number,
  ) {
    this.#name = name
    this.#keySize = KEY_SIZES[name]
    this.#transaction = transaction
    this.#views = views
    this.#pages = new PageTable(name, transaction, views.working)
    this.#generation = generation
  }

  /**
   * Removes the leaves in the ranges, then merges ascending leaves into the pages they belong to.
   * @throws {StoreCorruptError} when a page that is there already cannot be read
   */
  async write(leaves: Leaves, removed: readonly KeyRange[]): Promise<PageTableChange> {
    const edits = this.#edits(leaves, removed)
    const changes: EditedPage[] = []
    for (let from = 0; from < edits.length; from += READ_AT_ONCE) {
      const group = edits.slice(from, from + READ_AT_ONCE)
      const edited = await Promise.all(group.map((edit) => this.#editPage(edit)))
      changes.push(...edited.filter((change) => change !== undefined))
    }
    const pageChanges = changes.filter(({ inPlace }) => !inPlace)
    return {
      views: this.#views.withWorking(this.#views.working.with(pageChanges)),
      pagesChanged: pageChanges.length > 0,
      changed: changes.map(({ prefix }) => prefix),
      leaves: changes.reduce((sum, change) => sum + change.leaves, 0),
      bytes: changes.reduce((sum, change) => sum + change.bytes, 0),
    }
  }

  /** What is to be done to each page, ascending. */
  #edits(leaves: Leaves, removed: readonly KeyRange[]): PageEdit[] {
    const edits = new Map<KeyPrefix, PageEdit>()
    const editOf = (prefix: KeyPrefix, page: PageKey | undefined): PageEdit => {
      const known = edits.get(prefix)
      const edit = known ?? { prefix, page, removed: [], fresh: packLeaves([], this.#keySize) }
      if (!known) edits.set(prefix, edit)
      return edit
    }
    const directory = this.#views.working
    for (const range of removed) {
      for (const page of directory.pagesIn(range)) editOf(page.prefix, page).removed.push(range)
    }
    for (let from = 0, to = 0; from < leaves.count; from = to) {
      const { prefix, page } = directory.pageOf(leafKey(leaves, from))
      const end = prefix.end(this.#keySize)
      to = end ? lowerBound(leaves, end) : leaves.count
      editOf(prefix, page).fresh = sliceLeaves(leaves, from, to)
    }
    return [...edits.values()].sort((a, b) => compareBytes(a.prefix.bytes, b.prefix.bytes))
  }

  /** `undefined`: there was nothing to do. */
  async #editPage(edit: PageEdit): Promise<EditedPage | undefined> {
    const { prefix, page, removed, fresh } = edit
    const old = page ? await this.#pages.leavesOf(page) : packLeaves([], this.#keySize)
    const kept = dropRanges(old, removed)
    if (kept === old && fresh.count === 0) return undefined
    const merged = mergeLeaves(kept, fresh)
    const cuts = merged.count === 0 ? [] : splitLeaves(prefix, merged, PAGE_LIMIT)
    if (page && cuts.length !== 1) this.#remove(page)
    const pieces = cuts.map(({ prefix, from, to }) => {
      const piece = new PageKey(prefix, this.#generation)
      this.#put(piece, encodePage(merged, from, to, piece.bytes()))
      return piece
    })
    return {
      prefix,
      exists: page !== undefined,
      inPlace: page?.generation === this.#generation && pieces.length === 1,
      pieces,
      leaves: merged.count - old.count,
      bytes: merged.keys.length + merged.values.length - old.keys.length - old.values.length,
    }
  }

  /** Takes a page out of the working state, which has no other of its prefix. */
  #remove(page: PageKey): void {
    if (page.generation === this.#generation) {
      this.#transaction.delete(this.#name, page.bytes())
    }
    if (this.#views.completed.at(page.prefix)) {
      this.#transaction.put(this.#name, this.#tombstone(page), new Uint8Array())
    }
  }

  #put(page: PageKey, bytes: Uint8Array): void {
    const { completed, working } = this.#views
    const wasRemoved = completed.at(page.prefix) && !working.at(page.prefix)
    if (wasRemoved) this.#transaction.delete(this.#name, this.#tombstone(page))
    this.#transaction.put(this.#name, page.bytes(), bytes)
  }

  #tombstone({ prefix }: PageKey): Uint8Array {
    return new PageKey(prefix, this.#generation, true).bytes()
  }
}
