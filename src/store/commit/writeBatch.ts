import { packLeaves } from '../../leaves/packLeaves.ts'
import type { StoreTransaction } from '../backend/StoreBackend.ts'
import type { KeyPrefix } from '../directory/KeyPrefix.ts'
import type { PageViews } from '../directory/PageViews.ts'
import type { StoreBatch } from '../StateStore.ts'
import type { StoreTotals } from '../StateView.ts'
import { newVersion, type StoreManifest } from '../StoreManifest.ts'
import { KnownPages } from '../view/KnownPages.ts'
import { PageWriter } from './PageWriter.ts'
import { writeCodes } from './writeCodes.ts'

/** What a store knows inside of one transaction that writes. */
export interface WriteSession {
  transaction: StoreTransaction
  head: StoreManifest
  pages: KnownPages
}

/** What a batch has made of a store, once its transaction is through. */
export interface WrittenBatch {
  /** To be written in the same transaction. */
  manifest: StoreManifest
  pages: KnownPages
  /** Of the working state. */
  totals: StoreTotals
  /** Where leaves of the working state changed. */
  changed: { accounts: readonly KeyPrefix[]; slots: readonly KeyPrefix[] }
}

const NO_LEAVES = { accounts: packLeaves([], 32), slots: packLeaves([], 64) }

/** Writes a batch into the working state: all of it but the manifest. */
export async function writeBatch(
  batch: StoreBatch,
  { transaction, head, pages }: WriteSession,
): Promise<WrittenBatch> {
  const { accounts = NO_LEAVES.accounts, slots = NO_LEAVES.slots, codes = [], complete } = batch
  const { removeAccounts = [], removeSlots = [], journal = new Map() } = batch
  const generation = head.generation + 1
  const accountWriter = new PageWriter('accounts', transaction, pages.accounts, generation)
  const slotWriter = new PageWriter('slots', transaction, pages.slots, generation)
  const [accountChange, slotChange, codeChange] = await Promise.all([
    accountWriter.write(accounts, removeAccounts),
    slotWriter.write(slots, removeSlots),
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
  const manifest: StoreManifest = {
    generation: complete ? generation : head.generation,
    completion: complete ? { root: complete, completionId: newVersion() } : head.completion,
    pagesVersion: pagesChanged || complete ? newVersion() : head.pagesVersion,
    leavesVersion: leavesChanged ? newVersion() : head.leavesVersion,
    totals: { working: totals, completed: complete ? totals : completed },
    sums: undefined,
  }
  const viewsOf = (views: PageViews) => (complete ? views.complete(generation) : views)
  const known = new KnownPages(manifest, viewsOf(accountChange.views), viewsOf(slotChange.views))
  manifest.sums = known.sums
  const changed = { accounts: accountChange.changed, slots: slotChange.changed }
  return { manifest, pages: known, totals, changed }
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
