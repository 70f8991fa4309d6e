import { keccak_256 } from '@noble/hashes/sha3.js'
import { LruMap } from '../base/LruMap.ts'
import { outcomeOf } from '../base/outcomeOf.ts'
import {
  STORE_TABLES,
  type StoreBackend,
  type StoreTable,
  type StoreTransaction,
} from './backend/StoreBackend.ts'
import { ChangeLog } from './commit/ChangeLog.ts'
import { checkBatch } from './commit/checkInput.ts'
import { joinBatches } from './commit/joinBatches.ts'
import { type WriteSession, writeBatch } from './commit/writeBatch.ts'
import { StoreClosedError } from './errors.ts'
import type { Completion, StateStore, StoreBatch } from './StateStore.ts'
import type { StoreTotals } from './StateView.ts'
import {
  clearedManifest,
  decodeManifest,
  encodeManifest,
  newVersion,
  type StoreManifest,
} from './StoreManifest.ts'
import { KnownPages, type ViewName } from './view/KnownPages.ts'
import { PagedView, type RecentRecords } from './view/PagedView.ts'
import { PAGE_TABLES, PageTable } from './view/PageTable.ts'

/** The record of table `meta` that holds the `StoreManifest`. */
const HEAD = new TextEncoder().encode('head')

/**
 * Records of garbage removed in one transaction: a few milliseconds for which a reader may have to
 * wait.
 */
const COLLECTED = 256

/**
 * Pages of the completed state whose leaves are kept, of those that single reads read last: 2 MB.
 */
const RECENT_PAGES = 64

/**
 * Codes that are kept in the same way: 2 MB where all are of the most that Ethereum allows but for
 * a few.
 */
const RECENT_CODES = 64

/**
 * How long a watched read may be answered from memory after the store was looked into, in
 * milliseconds: long enough that a burst of reads costs one look, and a two-hundredth of a block's
 * time.
 */
const LEASE_MS = 50

/**
 * A `StateStore` over any transactional backend.
 *
 * What it keeps in memory is which pages there are, and what single reads of the completed state
 * read last. Several stores may work on one database, in one tab or in many: a transaction reads
 * the head, unless it was read a moment ago, and loads the directories again when another store has
 * made pages since; one that reads the completed state only after another completion. Directories
 * never change; a commit puts new ones in their place after its transaction is through, so that one
 * that fails leaves no trace in memory either.
 *
 * Pages carry a generation, see `PageViews`: a completion is the head that names the next one.
 * Records that no state shows from then on are collected behind every commit, by whichever store
 * commits next.
 */
export class PagedStore implements StateStore {
  readonly completed: PagedView
  readonly working: PagedView
  readonly #backend: StoreBackend
  readonly #keccak256: (code: Uint8Array) => Uint8Array
  readonly #running = new Set<Promise<unknown>>()
  #pages: KnownPages | undefined
  readonly #changes: Record<ViewName, ReturnType<typeof newLogs>> = {
    completed: newLogs(),
    working: newLogs(),
  }
  readonly #recent: RecentRecords = {
    pages: new LruMap(RECENT_PAGES),
    codes: new LruMap(RECENT_CODES),
  }
  /** The completion that the store named last, and when it was asked. */
  #seen: { completionId: number | undefined; at: number } | undefined
  /** Which leaves the change logs reach up to. */
  #logged: { leavesVersion: number; completionId: number | undefined } | undefined
  #collecting = false
  #closed = false

  /** @param keccak256 checks codes when they are loaded */
  constructor(backend: StoreBackend, keccak256: (code: Uint8Array) => Uint8Array = keccak_256) {
    this.#backend = backend
    this.#keccak256 = keccak256
    this.completed = this.#view('completed')
    this.working = this.#view('working')
  }

  async commit(batch: StoreBatch): Promise<StoreTotals> {
    checkBatch(batch)
    const tables = batch.codes?.length ? STORE_TABLES : ALL_BUT_CODES
    const committed = await this.#write(tables, async (session) => {
      const { manifest, changed, ...written } = await writeBatch(batch, session)
      session.transaction.put('meta', HEAD, encodeManifest(manifest))
      // Now, as a read that comes next waits for this transaction, and may be through before the
      // caller knows of it.
      this.#changes.working.accounts.add(changed.accounts)
      this.#changes.working.slots.add(changed.slots)
      const { completion } = session.head
      this.#logged = {
        leavesVersion: manifest.leavesVersion,
        completionId: completion?.completionId,
      }
      this.#log(manifest)
      return written
    })
    this.#pages = committed.pages
    void this.#collect()
    return committed.totals
  }

  join(first: StoreBatch, second: StoreBatch): StoreBatch | undefined {
    return joinBatches(first, second)
  }

  watchCompleted(): { view: PagedView; completionIds: ReadonlySet<number | undefined> } {
    const completionIds = new Set<number | undefined>()
    return {
      view: this.#view('completed', (completionId) => completionIds.add(completionId)),
      completionIds,
    }
  }

  completion(): Promise<Completion | undefined> {
    return this.#run('readonly', async (transaction) => (await this.#head(transaction)).completion)
  }

  async journal(): Promise<Map<string, Uint8Array>> {
    const entries = await this.#run('readonly', async (transaction) => {
      // Where the head cannot be read, nothing of the store can be relied upon.
      await this.#head(transaction)
      return transaction.entries('journal')
    })
    return new Map(entries.map(([name, record]) => [new TextDecoder().decode(name), record]))
  }

  async withdraw(completionId: number): Promise<void> {
    await this.#run('readwrite', async (transaction) => {
      const head = await this.#head(transaction)
      if (head.completion?.completionId !== completionId) return
      const next = { ...head, completion: undefined, pagesVersion: newVersion() }
      transaction.put('meta', HEAD, encodeManifest(next))
      this.#log(next)
    })
    this.#seen = undefined
  }

  /** Needs nothing of what is stored to be readable: it is the way out of a `StoreCorruptError`. */
  async clear(): Promise<void> {
    await this.#run('readwrite', async (transaction) => {
      for (const table of STORE_TABLES) transaction.clear(table)
      const head = clearedManifest()
      transaction.put('meta', HEAD, encodeManifest(head))
      this.#log(head)
    })
    // Now, as reads that began before it have seen what was there before it.
    this.#seen = undefined
    this.#pages = undefined
    this.#recent.pages.clear()
    this.#recent.codes.clear()
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
    this.#backend.close()
  }

  /** @param onCompletionId told of the completion of each transaction */
  #view(name: ViewName, onCompletionId?: (completionId: number | undefined) => void): PagedView {
    const recent = name === 'completed' ? this.#recent : undefined
    const session = (transaction: StoreTransaction, pages: KnownPages) => ({
      transaction,
      accounts: new PageTable('accounts', transaction, pages.accounts[name], recent?.pages),
      slots: new PageTable('slots', transaction, pages.slots[name], recent?.pages),
    })
    return new PagedView({
      changes: this.#changes[name],
      recent,
      // Only who is told of the completionId can know which state it is that answered.
      remembered: onCompletionId && (() => this.#remembered(onCompletionId)),
      look: (look) =>
        this.#read(name, onCompletionId, (transaction, pages) => look(session(transaction, pages))),
      lookInto: (pages, look) =>
        this.#run('readonly', (transaction) => look(session(transaction, pages)), PAGE_TABLES),
      lookAtCodes: (look) => this.#run('readonly', look, ['codes']),
      totals: () =>
        this.#run('readonly', async (transaction) => (await this.#head(transaction)).totals[name]),
      keccak256: this.#keccak256,
      checkOpen: () => this.#checkOpen(),
    })
  }

  /** Which pages the completed state has, where the store said so a moment ago. */
  #remembered(onCompletionId: (completionId: number | undefined) => void): KnownPages | undefined {
    const pages = this.#pages
    const seen = this.#seen
    if (
      this.#closed ||
      pages?.completionId === undefined ||
      pages.completionId !== seen?.completionId
    )
      return undefined
    if (performance.now() - seen.at > LEASE_MS) return undefined
    onCompletionId(pages.completionId)
    return pages
  }

  /** A transaction in which the pages of a view are known. */
  #read<Result>(
    view: ViewName,
    onCompletionId: ((completionId: number | undefined) => void) | undefined,
    look: (transaction: StoreTransaction, pages: KnownPages) => Promise<Result>,
  ): Promise<Result> {
    return this.#run('readonly', async (transaction) => {
      const known = this.#pages
      // Most likely they are still those that are known: not to wait for the head, which tells so,
      // takes half of the time.
      const guess = known && outcomeOf(look(transaction, known))
      const head = await this.#head(transaction)
      onCompletionId?.(head.completion?.completionId)
      if (known?.hold(view, head)) return (await guess)!()
      return look(transaction, await this.#load(transaction, head))
    })
  }

  /** A transaction that may write, in which the pages of both views are known. */
  #write<Result>(
    tables: readonly StoreTable[],
    work: (session: WriteSession) => Promise<Result>,
  ): Promise<Result> {
    return this.#run(
      'readwrite',
      async (transaction) => {
        const head = await this.#head(transaction)
        const known = this.#pages
        const pages = known?.hold('working', head) ? known : await this.#load(transaction, head)
        return work({ transaction, head, pages })
      },
      tables,
    )
  }

  async #head(transaction: StoreTransaction): Promise<StoreManifest> {
    const at = performance.now()
    const head = decodeManifest(await transaction.get('meta', HEAD))
    this.#seen = { completionId: head.completion?.completionId, at }
    this.#log(head)
    return head
  }

  async #load(transaction: StoreTransaction, head: StoreManifest): Promise<KnownPages> {
    this.#pages = await KnownPages.load(transaction, head)
    return this.#pages
  }

  /**
   * Takes note of leaves that are not those of the logs: of another store, or of a commit that
   * failed at its end.
   */
  #log({ leavesVersion, completion }: StoreManifest): void {
    const completionId = completion?.completionId
    const { completed, working } = this.#changes
    const logged = this.#logged
    for (const table of PAGE_TABLES) {
      if (logged?.leavesVersion !== leavesVersion) working[table].addEverything()
      if (!logged || logged.completionId !== completionId) completed[table].addEverything()
    }
    this.#logged = { leavesVersion, completionId }
  }

  /** Removes what no state shows, behind the commits. */
  async #collect(): Promise<void> {
    if (this.#collecting) return
    this.#collecting = true
    try {
      while (PAGE_TABLES.some((table) => this.#pages?.[table].garbage.length)) {
        await this.#collectSome()
      }
    } catch {
      // What this failed of, the next commit meets as well and tells; and the one after that
      // collects again.
    } finally {
      this.#collecting = false
    }
  }

  #collectSome(): Promise<void> {
    return this.#write(ALL_BUT_CODES, async ({ transaction, head, pages }) => {
      const views = { accounts: pages.accounts, slots: pages.slots }
      let left = COLLECTED
      for (const table of PAGE_TABLES) {
        const records = pages[table].garbage.slice(0, left)
        left -= records.length
        for (const record of records) transaction.delete(table, record.bytes())
        views[table] = pages[table].withoutGarbage(records.length)
      }
      // At once: a record that is forgotten here and not removed is found when directories are
      // loaded again.
      this.#pages = new KnownPages(head, views.accounts, views.slots)
    })
  }

  async #run<Result>(
    mode: 'readonly' | 'readwrite',
    work: (transaction: StoreTransaction) => Promise<Result>,
    tables?: readonly StoreTable[],
  ): Promise<Result> {
    this.#checkOpen()
    const running = this.#backend.transact(mode, work, tables)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  #checkOpen(): void {
    if (this.#closed) throw new StoreClosedError('closed')
  }
}

/** What a commit without codes uses: who asks whether a code is stored need not wait for it. */
const ALL_BUT_CODES = STORE_TABLES.filter((table) => table !== 'codes')

const newLogs = () => ({ accounts: new ChangeLog(), slots: new ChangeLog() })
