import { bytesToHex } from '@noble/hashes/utils.js'
import type { Leaves } from '../leaves/Leaves.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import type { LeafPages } from '../trie/derived/LeafPages.ts'
import { STORE_TABLES, type StoreBackend, type StoreTransaction } from './backend/StoreBackend.ts'
import { ChangeLog } from './ChangeLog.ts'
import { checkHash, checkLeaves, checkRanges } from './checkInput.ts'
import { PageDirectory } from './directory/PageDirectory.ts'
import { StoreClosedError } from './errors/StoreClosedError.ts'
import { PagedView } from './PagedView.ts'
import { KEY_SIZES, PageTable } from './PageTable.ts'
import type { Completion, StateStore, StoreBatch } from './StateStore.ts'
import type { StoreTotals } from './StateView.ts'
import { clearedHead, decodeHead, encodeHead, newVersion, type StoreHead } from './StoreHead.ts'

/** The record of table `meta` that holds the `StoreHead`. */
const HEAD = new TextEncoder().encode('head')

type ViewName = 'completed' | 'working'

/** Which pages there are, as of one `StoreHead.pagesVersion`. */
interface Directories {
  version: number
  accounts: PageDirectory
  slots: PageDirectory
}

/** What a store knows inside of one transaction. */
interface Session {
  transaction: StoreTransaction
  head: StoreHead
  accounts: PageTable
  slots: PageTable
}

/**
 * A `StateStore` over any transactional backend.
 *
 * What it keeps in memory is which pages there are, and nothing else. Several stores may work on one database, in one
 * tab or in many: each transaction begins with reading the head, and loads the directories again when another store has
 * made pages since. Directories never change; a commit puts new ones in their place after its transaction is through,
 * so that one that fails leaves no trace in memory either.
 */
export class PagedStore implements StateStore {
  readonly completed: PagedView
  readonly working: PagedView
  readonly #backend: StoreBackend
  readonly #running = new Set<Promise<unknown>>()
  #directories: Directories | undefined
  readonly #changes = { accounts: new ChangeLog(), slots: new ChangeLog() }
  #leavesVersion: number | undefined
  #closed = false

  constructor(backend: StoreBackend) {
    this.#backend = backend
    this.completed = this.#view('completed')
    this.working = this.#view('working')
  }

  async commit(batch: StoreBatch): Promise<void> {
    const { accounts = NO_LEAVES.accounts, slots = NO_LEAVES.slots, codes = [], complete } = batch
    const { removeAccounts = [], removeSlots = [] } = batch
    checkRanges(removeAccounts, KEY_SIZES.accounts, 'accounts')
    checkRanges(removeSlots, KEY_SIZES.slots, 'slots')
    checkLeaves(accounts, KEY_SIZES.accounts, 'accounts')
    checkLeaves(slots, KEY_SIZES.slots, 'slots')
    for (const { hash } of codes) checkHash(hash, 'code hash')
    if (complete) checkHash(complete, 'state root')

    this.#directories = await this.#transact('readwrite', async (session) => {
      const { transaction, head } = session
      const [accountChange, slotChange, codeChange] = await Promise.all([
        session.accounts.write(accounts, removeAccounts),
        session.slots.write(slots, removeSlots),
        writeCodes(transaction, codes),
      ])
      writeJournal(transaction, batch.journal ?? new Map())
      const pagesChanged = accountChange.pagesChanged || slotChange.pagesChanged
      const leavesChanged = accountChange.changed.length + slotChange.changed.length > 0
      const pagesVersion = pagesChanged ? newVersion() : head.pagesVersion
      const leavesVersion = leavesChanged ? newVersion() : head.leavesVersion
      const { working: before } = head.totals
      const working = {
        accounts: before.accounts + accountChange.leaves,
        slots: before.slots + slotChange.leaves,
        codes: before.codes + codeChange.codes,
        bytes: before.bytes + accountChange.bytes + slotChange.bytes + codeChange.bytes,
      }
      const next = { ...head, pagesVersion, leavesVersion, totals: { ...head.totals, working } }
      if (complete) {
        next.generation++
        next.completion = { root: complete, epoch: newVersion() }
        next.totals = { completed: working, working }
      }
      transaction.put('meta', HEAD, encodeHead(next))
      // Now, as a read that comes next waits for this transaction, and may be through before who called knows of it.
      this.#changes.accounts.add(accountChange.changed)
      this.#changes.slots.add(slotChange.changed)
      this.#leavesVersion = leavesVersion
      return {
        version: pagesVersion,
        accounts: accountChange.directory,
        slots: slotChange.directory,
      }
    })
  }

  getAccount(accountHash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.working.getAccount(accountHash)
  }

  getSlot(accountHash: Uint8Array, slotHash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.working.getSlot(accountHash, slotHash)
  }

  getCode(codeHash: Uint8Array): Promise<Uint8Array | undefined> {
    return this.working.getCode(codeHash)
  }

  hasCode(codeHash: Uint8Array): Promise<boolean> {
    return this.working.hasCode(codeHash)
  }

  accounts(from?: Uint8Array): AsyncIterable<Leaves> {
    return this.working.accounts(from)
  }

  slots(from?: Uint8Array): AsyncIterable<Leaves> {
    return this.working.slots(from)
  }

  totals(): Promise<StoreTotals> {
    return this.working.totals()
  }

  accountPages(): LeafPages {
    return this.working.accountPages()
  }

  slotPages(accountHash: Uint8Array): LeafPages {
    return this.working.slotPages(accountHash)
  }

  async journal(): Promise<Map<string, Uint8Array>> {
    const entries = await this.#transact('readonly', ({ transaction }) =>
      transaction.entries('journal'),
    )
    return new Map(entries.map(([name, record]) => [new TextDecoder().decode(name), record]))
  }

  completion(): Promise<Completion | undefined> {
    return this.#run('readonly', async (transaction) => {
      return decodeHead(await transaction.get('meta', HEAD)).completion
    })
  }

  /** Needs nothing of what is stored to be readable: it is the way out of a `StoreCorruptError`. */
  clear(): Promise<void> {
    return this.#run('readwrite', async (transaction) => {
      for (const table of STORE_TABLES) transaction.clear(table)
      const head = clearedHead()
      transaction.put('meta', HEAD, encodeHead(head))
      this.#takeLeavesVersion(head.leavesVersion)
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
    this.#backend.close()
  }

  #view(name: ViewName): PagedView {
    return new PagedView({
      changes: this.#changes,
      look: (look) =>
        this.#transact('readonly', (session) =>
          look({ ...session, totals: session.head.totals[name] }),
        ),
      checkOpen: () => this.#checkOpen(),
    })
  }

  /** A transaction in which the leaf tables are known. */
  #transact<Result>(
    mode: 'readonly' | 'readwrite',
    work: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    return this.#run(mode, async (transaction) => {
      const head = decodeHead(await transaction.get('meta', HEAD))
      if (this.#directories?.version !== head.pagesVersion) {
        this.#directories = await loadDirectories(transaction, head.pagesVersion)
      }
      this.#takeLeavesVersion(head.leavesVersion)
      const { accounts, slots } = this.#directories
      return work({
        transaction,
        head,
        accounts: new PageTable('accounts', transaction, accounts),
        slots: new PageTable('slots', transaction, slots),
      })
    })
  }

  /** Another version than the own last one: another store changed leaves, or a commit of this one failed at its end. */
  #takeLeavesVersion(version: number): void {
    if (this.#leavesVersion === version) return
    this.#leavesVersion = version
    this.#changes.accounts.addEverything()
    this.#changes.slots.addEverything()
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

async function loadDirectories(
  transaction: StoreTransaction,
  version: number,
): Promise<Directories> {
  const [accounts, slots] = await Promise.all([
    transaction.keys('accounts'),
    transaction.keys('slots'),
  ])
  return {
    version,
    accounts: PageDirectory.load(accounts, KEY_SIZES.accounts),
    slots: PageDirectory.load(slots, KEY_SIZES.slots),
  }
}

async function writeCodes(
  transaction: StoreTransaction,
  codes: NonNullable<StoreBatch['codes']>,
): Promise<{ codes: number; bytes: number }> {
  // A batch may name a code twice, which must count once.
  const distinct = new Map(codes.map((entry) => [bytesToHex(entry.hash), entry]))
  const changes = await Promise.all(
    [...distinct.values()].map(async ({ hash, code }) => {
      const old = await transaction.get('codes', hash)
      transaction.put('codes', hash, code)
      return old
        ? { codes: 0, bytes: code.length - old.length }
        : { codes: 1, bytes: hash.length + code.length }
    }),
  )
  return {
    codes: changes.reduce((sum, change) => sum + change.codes, 0),
    bytes: changes.reduce((sum, change) => sum + change.bytes, 0),
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
