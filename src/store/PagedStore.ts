import { bytesToHex } from '@noble/hashes/utils.js'
import type { Leaves } from '../leaves/Leaves.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import type { LeafPages } from '../trie/derived/LeafPages.ts'
import { expandSlimAccounts } from '../trie/expandSlimAccounts.ts'
import { STORE_TABLES, type StoreBackend, type StoreTransaction } from './backend/StoreBackend.ts'
import { ChangeLog } from './ChangeLog.ts'
import { checkHash, checkLeaves, checkRanges } from './checkInput.ts'
import { PageDirectory } from './directory/PageDirectory.ts'
import { StoreClosedError } from './errors/StoreClosedError.ts'
import { KEY_SIZES, PageTable, type PageTableName } from './PageTable.ts'
import type { StoreBatch, StoreTotals, TrieStore } from './StateStore.ts'
import { StoredLeafPages, type StoredTable } from './StoredLeafPages.ts'
import { decodeHead, encodeHead, NO_TOTALS, newVersion, type StoreHead } from './StoreHead.ts'

/** The record of table `meta` that holds the `StoreHead`. */
const HEAD = new TextEncoder().encode('head')

/** Pages read in one transaction while iterating: sixteen in flight fill the pipe, and take at most 512 KB. */
const READ_AHEAD = 16

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
export class PagedStore implements TrieStore {
  readonly #backend: StoreBackend
  readonly #running = new Set<Promise<unknown>>()
  #directories: Directories | undefined
  readonly #changes = { accounts: new ChangeLog(), slots: new ChangeLog() }
  #leavesVersion: number | undefined
  #closed = false

  constructor(backend: StoreBackend) {
    this.#backend = backend
  }

  async commit(batch: StoreBatch): Promise<void> {
    const { accounts = NO_LEAVES.accounts, slots = NO_LEAVES.slots, codes = [] } = batch
    const { removeAccounts = [], removeSlots = [] } = batch
    checkRanges(removeAccounts, KEY_SIZES.accounts, 'accounts')
    checkRanges(removeSlots, KEY_SIZES.slots, 'slots')
    checkLeaves(accounts, KEY_SIZES.accounts, 'accounts')
    checkLeaves(slots, KEY_SIZES.slots, 'slots')
    for (const { hash } of codes) checkHash(hash, 'code hash')

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
      const totals = {
        accounts: head.totals.accounts + accountChange.leaves,
        slots: head.totals.slots + slotChange.leaves,
        codes: head.totals.codes + codeChange.codes,
        bytes: head.totals.bytes + accountChange.bytes + slotChange.bytes + codeChange.bytes,
      }
      transaction.put('meta', HEAD, encodeHead({ pagesVersion, leavesVersion, totals }))
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

  async getAccount(accountHash: Uint8Array): Promise<Uint8Array | undefined> {
    checkHash(accountHash, 'account hash')
    return this.#transact('readonly', ({ accounts }) => accounts.get(accountHash))
  }

  async getSlot(accountHash: Uint8Array, slotHash: Uint8Array): Promise<Uint8Array | undefined> {
    checkHash(accountHash, 'account hash')
    checkHash(slotHash, 'slot hash')
    const key = new Uint8Array(KEY_SIZES.slots)
    key.set(accountHash)
    key.set(slotHash, 32)
    return this.#transact('readonly', ({ slots }) => slots.get(key))
  }

  async getCode(codeHash: Uint8Array): Promise<Uint8Array | undefined> {
    checkHash(codeHash, 'code hash')
    return this.#transact('readonly', ({ transaction }) => transaction.get('codes', codeHash))
  }

  async hasCode(codeHash: Uint8Array): Promise<boolean> {
    checkHash(codeHash, 'code hash')
    return this.#transact('readonly', ({ transaction }) => transaction.has('codes', codeHash))
  }

  accounts(): AsyncIterable<Leaves> {
    return this.#iterate('accounts')
  }

  slots(): AsyncIterable<Leaves> {
    return this.#iterate('slots')
  }

  accountPages(): LeafPages {
    return new StoredLeafPages(this.#stored('accounts'), new Uint8Array(), expandSlimAccounts)
  }

  slotPages(accountHash: Uint8Array): LeafPages {
    checkHash(accountHash, 'account hash')
    return new StoredLeafPages(this.#stored('slots'), accountHash)
  }

  async journal(): Promise<Map<string, Uint8Array>> {
    const entries = await this.#transact('readonly', ({ transaction }) =>
      transaction.entries('journal'),
    )
    return new Map(entries.map(([name, record]) => [new TextDecoder().decode(name), record]))
  }

  totals(): Promise<StoreTotals> {
    return this.#transact('readonly', async ({ head }) => ({ ...head.totals }))
  }

  /** Needs nothing of what is stored to be readable: it is the way out of a `StoreCorruptError`. */
  clear(): Promise<void> {
    return this.#run('readwrite', async (transaction) => {
      for (const table of STORE_TABLES) transaction.clear(table)
      const head = { pagesVersion: newVersion(), leavesVersion: newVersion(), totals: NO_TOTALS }
      transaction.put('meta', HEAD, encodeHead(head))
      this.#takeLeavesVersion(head.leavesVersion)
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#running)
    this.#backend.close()
  }

  /** Goes on after the last page's key range, whatever commits have made of the pages in the meantime. */
  async *#iterate(table: PageTableName): AsyncGenerator<Leaves> {
    let from: Uint8Array | undefined = new Uint8Array(KEY_SIZES[table])
    while (from) {
      const start: Uint8Array = from
      from = undefined
      const pages = await this.#transact('readonly', (session) =>
        session[table].pages(start, READ_AHEAD),
      )
      for (const { leaves, end } of pages) {
        this.#checkOpen()
        if (leaves.count > 0) yield leaves
        from = end
      }
    }
  }

  #stored(table: PageTableName): StoredTable {
    return {
      changes: this.#changes[table],
      look: (look) => this.#transact('readonly', (session) => look(session[table])),
    }
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
