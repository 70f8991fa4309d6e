import type { StoreTransaction } from '../backend/StoreBackend.ts'
import { PageViews } from '../directory/PageViews.ts'
import { StoreCorruptError } from '../errors.ts'
import type { StoreManifest } from '../StoreManifest.ts'
import { KEY_SIZES, PAGE_TABLES } from './PageTable.ts'

/** Which of the two states that a store holds. */
export type ViewName = 'completed' | 'working'

/** Which pages there are, as of one head. Never changes. */
export class KnownPages {
  /** With another `pagesVersion`, the working state has other pages. */
  readonly pagesVersion: number
  /** Of the completed state, `undefined` without one. Another completion has other pages. */
  readonly completionId: number | undefined
  readonly accounts: PageViews
  readonly slots: PageViews

  constructor(
    { pagesVersion, completion }: Pick<StoreManifest, 'pagesVersion' | 'completion'>,
    accounts: PageViews,
    slots: PageViews,
  ) {
    this.pagesVersion = pagesVersion
    this.completionId = completion?.completionId
    this.accounts = accounts
    this.slots = slots
  }

  /** @throws {StoreCorruptError} when the records do not make up two states */
  static async load(transaction: StoreTransaction, head: StoreManifest): Promise<KnownPages> {
    const [accounts, slots] = await Promise.all([
      transaction.keys('accounts'),
      transaction.keys('slots'),
    ])
    const pages = new KnownPages(
      head,
      PageViews.load(accounts, KEY_SIZES.accounts, head.generation),
      PageViews.load(slots, KEY_SIZES.slots, head.generation),
    )
    const { sums } = head
    if (sums === undefined) return pages
    for (const table of PAGE_TABLES) {
      for (const view of ['completed', 'working'] as const) {
        if (pages[table][view].sum === sums[view][table]) continue
        throw new StoreCorruptError(`${table} have other pages than were written`)
      }
    }
    return pages
  }

  /** What a manifest says of these pages. */
  get sums(): NonNullable<StoreManifest['sums']> {
    const { accounts, slots } = this
    const of = (view: ViewName) => ({ accounts: accounts[view].sum, slots: slots[view].sum })
    return { completed: of('completed'), working: of('working') }
  }

  /** Whether a view still has these pages; of the working one, whether both have. */
  hold(view: ViewName, { pagesVersion, completion }: StoreManifest): boolean {
    return view === 'working'
      ? this.pagesVersion === pagesVersion
      : this.completionId === completion?.completionId
  }
}
