import { packLeaves } from '../leaves/packLeaves.ts'
import { STORE_TABLES, type StoreBackend, type StoreTransaction } from './backend/StoreBackend.ts'
import { ChangeLog } from './ChangeLog.ts'
import { checkHash, checkLeaves, checkRanges } from './checkInput.ts'
import { PageViews } from './directory/PageViews.ts'
import { StoreClosedError } from './errors/StoreClosedError.ts'
import { PagedView } from './PagedView.ts'
import { KEY_SIZES, PAGE_TABLES, PageTable } from './PageTable.ts'
import { PageWriter } from './PageWriter.ts'
import type { Completion, StateStore, StoreBatch } from './StateStore.ts'
import { clearedHead, decodeHead, encodeHead, newVersion, type StoreHead } from './StoreHead.ts'
import { writeCodes } from './writeCodes.ts'

/** The record of table `meta` that holds the `StoreHead`. */
const HEAD = new TextEncoder().encode('head')

/** Records of garbage removed in one transaction: a few milliseconds for which a reader may have to wait. */
const COLLECTED = 256

type ViewName = 'completed' | 'working'

/** Which pages there are, as of one head. */
interface KnownPages {
  /** With another `pagesVersion`, the working state has other pages. */
  pagesVersion: number
  /** With another epoch, the completed state has other pages. */
  epoch: number | undefined
  accounts: PageViews
  slots: PageViews
}

/** What a store knows inside of one transaction. */
interface Session {
  transaction: StoreTransaction
  head: StoreHead
  pages: KnownPages
}

/**
 * A `StateStore` over any transactional backend.
 *
 * What it keeps in memory is which pages there are, and nothing else. Several stores may work on one database, in one
 * tab or in many: each transaction begins with reading the head, and loads the directories again when another store has
 * made pages since; one that reads the completed state only after another completion. Directories never change; a
 * commit puts new ones in their place after its transaction is through, so that one that fails leaves no trace in
 * memory either.
 *
 * Pages carry a generation, see `PageViews`: a completion is the head that names the next one. Records that no state
 * shows from then on are collected behind every commit, by whichever store commits next.
 */
export class PagedStore implements StateStore {
  readonly completed: PagedView
  readonly working: PagedView
  readonly #backend: StoreBackend
  readonly #running = new Set<Promise<unknown>>()
  #pages: KnownPages | undefined
  readonly #changes: Record<ViewName, ReturnType<typeof newLogs>> = {
    completed: newLogs(),
    working: newLogs(),
  }
  /** Which leaves the change logs reach up to. */
  #logged: { leavesVersion: number; epoch: number | undefined } | undefined
  #collecting = false
  #closed = false

  constructor(backend: StoreBackend) {
    this.#backend = backend
    this.completed = this.#view('completed')
    this.working = this.#view('working')
  }

  async commit(batch: StoreBatch): Promise<void> {
    const { accounts = NO_LEAVES.accounts, slots = NO_LEAVES.slots, codes = [], complete } = batch
    const { removeAccounts = [], removeSlots = [], journal = new Map() } = batch
    checkRanges(removeAccounts, KEY_SIZES.accounts, 'accounts')
    checkRanges(removeSlots, KEY_SIZES.slots, 'slots')
    checkLeaves(accounts, KEY_SIZES.accounts, 'accounts')
    checkLeaves(slots, KEY_SIZES.slots, 'slots')
    for (const { hash } of codes) checkHash(hash, 'code hash')
    if (complete !== undefined) checkHash(complete, 'state root')

    this.#pages = await this.#transact('readwrite', 'working', async (session) => {
      const { transaction, head, pages } = session
      const generation = head.generation + 1
      const [accountChange, slotChange, codeChange] = await Promise.all([
        new PageWriter('accounts', transaction, pages.accounts, generation).write(
          accounts,
          removeAccounts,
        ),
        new PageWriter('slots', transaction, pages.slots, generation).write(slots, removeSlots),
        writeCodes(transaction, codes),
      ])
      writeJournal(transaction, journal)

      const pagesChanged = accountChange.pagesChanged || slotChange.pagesChanged
      const leavesChanged = accountChange.changed.length + slotChange.changed.length > 0
      const { working, completed } = head.totals
      const totals = {
        accounts: working.accounts + accountChange.leaves,
        slots: working.slots + slotChange.leaves,
        codes: working.codes + codeChange.codes,
        bytes: working.bytes + accountChange.bytes + slotChange.bytes + codeChange.bytes,
      }
      const next: StoreHead = {
        generation: complete ? generation : head.generation,
        completion: complete ? { root: complete, epoch: newVersion() } : head.completion,
        pagesVersion: pagesChanged || complete ? newVersion() : head.pagesVersion,
        leavesVersion: leavesChanged ? newVersion() : head.leavesVersion,
        totals: { working: totals, completed: complete ? totals : completed },
      }
      transaction.put('meta', HEAD, encodeHead(next))

      // Now, as a read that comes next waits for this transaction, and may be through before who called knows of it.
      this.#changes.working.accounts.add(accountChange.changed)
      this.#changes.working.slots.add(slotChange.changed)
      this.#logged = { leavesVersion: next.leavesVersion, epoch: head.completion?.epoch }
      this.#log(next)

      const viewsOf = (views: PageViews) => (complete ? views.complete(generation) : views)
      return {
        pagesVersion: next.pagesVersion,
        epoch: next.completion?.epoch,
        accounts: viewsOf(accountChange.views),
        slots: viewsOf(slotChange.views),
      }
    })
    void this.#collect()
  }

  watchCompleted(): { view: PagedView; epochs: ReadonlySet<number | undefined> } {
    const epochs = new Set<number | undefined>()
    return { view: this.#view('completed', (epoch) => epochs.add(epoch)), epochs }
  }

  completion(): Promise<Completion | undefined> {
    return this.#run('readonly', async (transaction) => (await readHead(transaction)).completion)
  }

  async journal(): Promise<Map<string, Uint8Array>> {
    const entries = await this.#run('readonly', async (transaction) => {
      // Where the head cannot be read, nothing of the store can be relied upon.
      await readHead(transaction)
      return transaction.entries('journal')
    })
    return new Map(entries.map(([name, record]) => [new TextDecoder().decode(name), record]))
  }

  /** Needs nothing of what is stored to be readable: it is the way out of a `StoreCorruptError`. */
  clear(): Promise<void> {
    return this.#run('readwrite', async (transaction) => {
      for (const table of STORE_TABLES) transaction.clear(table)
      const head = clearedHead()
      transaction.put('meta', HEAD, encodeHead(head))
      this.#log(head)
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
    this.#backend.close()
  }

  /** @param onEpoch told of the completion of each transaction */
  #view(name: ViewName, onEpoch?: (epoch: number | undefined) => void): PagedView {
    return new PagedView({
      changes: this.#changes[name],
      look: (look) =>
        this.#transact('readonly', name, ({ transaction, head, pages }) => {
          onEpoch?.(head.completion?.epoch)
          return look({
            transaction,
            totals: head.totals[name],
            accounts: new PageTable('accounts', transaction, pages.accounts[name]),
            slots: new PageTable('slots', transaction, pages.slots[name]),
          })
        }),
      checkOpen: () => this.#checkOpen(),
    })
  }

  /** A transaction in which the pages of a view are known; of the working one, the pages of both. */
  #transact<Result>(
    mode: 'readonly' | 'readwrite',
    view: ViewName,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    return this.#run(mode, async (transaction) => {
      const head = await readHead(transaction)
      const known = this.#pages
      const isKnown =
        view === 'working'
          ? known?.pagesVersion === head.pagesVersion
          : known && known.epoch === head.completion?.epoch
      const pages = known && isKnown ? known : await loadPages(transaction, head)
      this.#pages = pages
      this.#log(head)
      return work({ transaction, head, pages })
    })
  }

  /** Takes note of leaves that are not those of the logs: of another store, or of a commit that failed at its end. */
  #log({ leavesVersion, completion }: StoreHead): void {
    const epoch = completion?.epoch
    const { completed, working } = this.#changes
    const logged = this.#logged
    for (const table of PAGE_TABLES) {
      if (logged?.leavesVersion !== leavesVersion) working[table].addEverything()
      if (!logged || logged.epoch !== epoch) completed[table].addEverything()
    }
    this.#logged = { leavesVersion, epoch }
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
      // What this failed of, the next commit meets as well and tells; and the one after that collects again.
    } finally {
      this.#collecting = false
    }
  }

  #collectSome(): Promise<void> {
    return this.#transact('readwrite', 'working', async ({ transaction, pages }) => {
      const rest = { ...pages }
      let left = COLLECTED
      for (const table of PAGE_TABLES) {
        const records = pages[table].garbage.slice(0, left)
        left -= records.length
        for (const record of records) transaction.delete(table, record.bytes())
        rest[table] = pages[table].withoutGarbage(records.length)
      }
      // At once: what is forgotten here and not removed after all is found by who loads the directories next.
      this.#pages = rest
    })
  }

  async #run<Result>(
    mode: 'readonly' | 'readwrite',
    work: (transaction: StoreTransaction) => Promise<Result>,
  ): Promise<Result> {
    this.#checkOpen()
    const running = this.#backend.transact(mode, work)
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

const NO_LEAVES = { accounts: packLeaves([], 32), slots: packLeaves([], 64) }

const newLogs = () => ({ accounts: new ChangeLog(), slots: new ChangeLog() })

async function readHead(transaction: StoreTransaction): Promise<StoreHead> {
  return decodeHead(await transaction.get('meta', HEAD))
}

async function loadPages(
  transaction: StoreTransaction,
  { generation, completion, pagesVersion }: StoreHead,
): Promise<KnownPages> {
  const [accounts, slots] = await Promise.all([
    transaction.keys('accounts'),
    transaction.keys('slots'),
  ])
  return {
    pagesVersion,
    epoch: completion?.epoch,
    accounts: PageViews.load(accounts, KEY_SIZES.accounts, generation),
    slots: PageViews.load(slots, KEY_SIZES.slots, generation),
  }
}

function writeJournal(
  transaction: StoreTransaction,
  records: NonNullable<StoreBatch['journal']>,
): void {
  for (const [name, record] of records) {
    const key = new TextEncoder().encode(name)
    if (record) transaction.put('journal', key, record)
    else transaction.delete('journal', key)
  }
}
