import { bytesToHex } from '@noble/hashes/utils.js'
import { AccountEncodingError } from '../../account/errors.ts'
import { expandSlimAccounts } from '../../account/expandSlimAccounts.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { toHex } from '../../base/bytes/hex.ts'
import type { LruMap } from '../../base/LruMap.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import type { LeafPages } from '../../trie/derived/LeafPages.ts'
import type { StoreTransaction } from '../backend/StoreBackend.ts'
import type { ChangeLog } from '../commit/ChangeLog.ts'
import { checkHash, checkKey } from '../commit/checkInput.ts'
import type { PageKey } from '../directory/PageKey.ts'
import { StoreCorruptError } from '../errors.ts'
import { slotRange } from '../KeyRange.ts'
import type { Page } from '../page/Page.ts'
import type { StateView, StoreTotals } from '../StateView.ts'
import type { KnownPages } from './KnownPages.ts'
import { KEY_SIZES, type PageTable, type PageTableName } from './PageTable.ts'
import { StoredLeafPages, type StoredTable } from './StoredLeafPages.ts'

/**
 * Pages read in one transaction while iterating: sixteen in flight fill the pipe, and take at most
 * 512 KB, twice as read ahead.
 */
const READ_AHEAD = 16

/** A view inside of one transaction. */
export interface ViewSession {
  transaction: StoreTransaction
  accounts: PageTable
  slots: PageTable
}

/** Pages by what names them in one directory, and codes by their hash in hexadecimal. */
export interface RecentRecords {
  pages: LruMap<PageKey, Page>
  codes: LruMap<string, Uint8Array>
}

/** What a view needs of its store. */
export interface ViewAccess {
  /** What was read last, of a view whose pages do not change. */
  readonly recent: RecentRecords | undefined
  /**
   * The pages of the completed state, where the store was asked which it is so lately that nobody
   * need ask again.
   */
  readonly remembered: (() => KnownPages | undefined) | undefined
  readonly changes: Readonly<Record<PageTableName, ChangeLog>>
  /** Runs `look` in a transaction of its own. */
  look<Result>(look: (session: ViewSession) => Promise<Result>): Promise<Result>
  /** The same where the pages are remembered: asks for nothing but what `look` asks for. */
  lookInto<Result>(
    pages: KnownPages,
    look: (session: ViewSession) => Promise<Result>,
  ): Promise<Result>
  /** The same for codes alone, which are those of every view. */
  lookAtCodes<Result>(look: (transaction: StoreTransaction) => Promise<Result>): Promise<Result>
  totals(): Promise<StoreTotals>
  keccak256(code: Uint8Array): Uint8Array
  /** @throws {StoreClosedError} */
  checkOpen(): void
}

/** One of the states of a `PagedStore`. */
export class PagedView implements StateView {
  readonly #access: ViewAccess

  constructor(access: ViewAccess) {
    this.#access = access
  }

  async getAccount(accountHash: Uint8Array): Promise<Uint8Array | undefined> {
    checkHash(accountHash, 'account hash')
    return this.#get('accounts', accountHash)
  }

  async getSlot(accountHash: Uint8Array, slotHash: Uint8Array): Promise<Uint8Array | undefined> {
    checkHash(accountHash, 'account hash')
    checkHash(slotHash, 'slot hash')
    const key = new Uint8Array(KEY_SIZES.slots)
    key.set(accountHash)
    key.set(slotHash, 32)
    return this.#get('slots', key)
  }

  async getCode(codeHash: Uint8Array): Promise<Uint8Array | undefined> {
    checkHash(codeHash, 'code hash')
    const { recent, remembered } = this.#access
    const id = bytesToHex(codeHash)
    const kept = recent?.codes.get(id)
    if (kept !== undefined && remembered?.() !== undefined) return kept.slice()
    const code = await this.#access.look(({ transaction }) => transaction.get('codes', codeHash))
    if (code === undefined) return undefined
    const computed = this.#access.keccak256(code)
    if (compareBytes(computed, codeHash) !== 0) {
      throw new StoreCorruptError(`the code stored as 0x${id} hashes to ${toHex(computed)}`)
    }
    recent?.codes.set(id, code.slice())
    return code
  }

  async hasCodes(codeHashes: readonly Uint8Array[]): Promise<boolean[]> {
    for (const hash of codeHashes) checkHash(hash, 'code hash')
    if (codeHashes.length === 0) return []
    return this.#access.lookAtCodes((transaction) =>
      Promise.all(codeHashes.map((hash) => transaction.has('codes', hash))),
    )
  }

  accounts(from: Uint8Array = new Uint8Array(KEY_SIZES.accounts)): AsyncIterable<Leaves> {
    checkKey(from, KEY_SIZES.accounts, 'accounts')
    return this.#iterate('accounts', from.slice())
  }

  slots(from: Uint8Array = new Uint8Array(KEY_SIZES.slots)): AsyncIterable<Leaves> {
    checkKey(from, KEY_SIZES.slots, 'slots')
    return this.#iterate('slots', from.slice())
  }

  totals(): Promise<StoreTotals> {
    return this.#access.totals()
  }

  accountPages(): LeafPages {
    return new StoredLeafPages(this.#stored('accounts'), new Uint8Array(), expandStored)
  }

  slotPages(accountHash: Uint8Array): LeafPages {
    checkHash(accountHash, 'account hash')
    return new StoredLeafPages(this.#stored('slots'), accountHash)
  }

  async slotPageCounts(accountHashes: readonly Uint8Array[]): Promise<number[]> {
    if (accountHashes.length === 0) return []
    return this.#access.look(async ({ slots }) =>
      accountHashes.map((hash) => slots.directory.pagesIn(slotRange(hash)).length),
    )
  }

  async #get(table: PageTableName, key: Uint8Array): Promise<Uint8Array | undefined> {
    const { recent, remembered, look, lookInto } = this.#access
    const pages = remembered?.()
    if (pages === undefined) return look(({ [table]: pages }) => pages.get(key))
    const { page } = pages[table].completed.pageOf(key)
    if (page === undefined) return undefined
    const kept = recent?.pages.get(page)
    return kept ? kept.get(key)?.slice() : lookInto(pages, ({ [table]: pages }) => pages.get(key))
  }

  /**
   * Continues after the last page's key range, even if commits have changed the pages meanwhile.
   */
  async *#iterate(table: PageTableName, first: Uint8Array): AsyncGenerator<Leaves> {
    const read = (from: Uint8Array) => {
      const pages = this.#access.look((session) => session[table].pages(from, READ_AHEAD))
      // If the iteration has ended, its failure is of no interest.
      pages.catch(() => {})
      return pages
    }
    let next: ReturnType<typeof read> | undefined = read(first)
    while (next) {
      const pages: Awaited<ReturnType<typeof read>> = await next
      const from: Uint8Array | undefined = pages.at(-1)?.end
      next = undefined
      for (const { leaves } of pages) {
        this.#access.checkOpen()
        if (leaves.count > 0) yield leaves
        // The database reads the next pages while the caller works on these, unless the caller
        // wants one page.
        next ??= from && read(from)
      }
    }
  }

  #stored(table: PageTableName): StoredTable {
    return {
      changes: this.#access.changes[table],
      look: (look) => this.#access.look((session) => look(session[table])),
    }
  }
}

/** @throws {StoreCorruptError} when a value is no slim account: what was proven is one */
function expandStored(leaves: Leaves): Leaves {
  try {
    return expandSlimAccounts(leaves)
  } catch (cause) {
    if (!(cause instanceof AccountEncodingError)) throw cause
    throw new StoreCorruptError(cause.message, { cause })
  }
}
