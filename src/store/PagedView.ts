import type { Leaves } from '../leaves/Leaves.ts'
import type { LeafPages } from '../trie/derived/LeafPages.ts'
import { expandSlimAccounts } from '../trie/expandSlimAccounts.ts'
import type { StoreTransaction } from './backend/StoreBackend.ts'
import type { ChangeLog } from './ChangeLog.ts'
import { checkHash, checkKey } from './checkInput.ts'
import { KEY_SIZES, type PageTable, type PageTableName } from './PageTable.ts'
import type { StateView, StoreTotals } from './StateView.ts'
import { StoredLeafPages, type StoredTable } from './StoredLeafPages.ts'

/** Pages read in one transaction while iterating: sixteen in flight fill the pipe, and take at most 512 KB. */
const READ_AHEAD = 16

/** A view inside of one transaction. */
export interface ViewSession {
  transaction: StoreTransaction
  totals: StoreTotals
  accounts: PageTable
  slots: PageTable
}

/** What a view needs of its store. */
export interface ViewAccess {
  readonly changes: Readonly<Record<PageTableName, ChangeLog>>
  /** Runs `look` in a transaction of its own. */
  look<Result>(look: (session: ViewSession) => Promise<Result>): Promise<Result>
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
    return this.#access.look(({ accounts }) => accounts.get(accountHash))
  }

  async getSlot(accountHash: Uint8Array, slotHash: Uint8Array): Promise<Uint8Array | undefined> {
    checkHash(accountHash, 'account hash')
    checkHash(slotHash, 'slot hash')
    const key = new Uint8Array(KEY_SIZES.slots)
    key.set(accountHash)
    key.set(slotHash, 32)
    return this.#access.look(({ slots }) => slots.get(key))
  }

  async getCode(codeHash: Uint8Array): Promise<Uint8Array | undefined> {
    checkHash(codeHash, 'code hash')
    return this.#access.look(({ transaction }) => transaction.get('codes', codeHash))
  }

  async hasCode(codeHash: Uint8Array): Promise<boolean> {
    checkHash(codeHash, 'code hash')
    return this.#access.look(({ transaction }) => transaction.has('codes', codeHash))
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
    return this.#access.look(async ({ totals }) => ({ ...totals }))
  }

  accountPages(): LeafPages {
    return new StoredLeafPages(this.#stored('accounts'), new Uint8Array(), expandSlimAccounts)
  }

  slotPages(accountHash: Uint8Array): LeafPages {
    checkHash(accountHash, 'account hash')
    return new StoredLeafPages(this.#stored('slots'), accountHash)
  }

  /** Goes on after the last page's key range, whatever commits have made of the pages in the meantime. */
  async *#iterate(table: PageTableName, first: Uint8Array): AsyncGenerator<Leaves> {
    let from: Uint8Array | undefined = first
    while (from) {
      const start: Uint8Array = from
      from = undefined
      const pages = await this.#access.look((session) => session[table].pages(start, READ_AHEAD))
      for (const { leaves, end } of pages) {
        this.#access.checkOpen()
        if (leaves.count > 0) yield leaves
        from = end
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
