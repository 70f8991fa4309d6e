import { bytesToHex } from '@noble/hashes/utils.js'
import { findContracts } from '../../account/findContracts.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { nextHash, previousHash } from '../../base/bytes/hash32.ts'
import { leafKey } from '../../leaves/Leaves.ts'
import type { KeyRange } from '../../store/KeyRange.ts'
import { slotsOfAccounts } from '../../store/KeyRange.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { StateView } from '../../store/StateView.ts'
import type { AccountTask } from '../journal/AccountTask.ts'
import type { IncompleteAccounts } from '../journal/IncompleteAccounts.ts'
import type { PendingContract } from '../journal/PendingContract.ts'

/**
 * A contract of fewer pages, some 2,400 slots, is downloaded in less time than a heal takes to find
 * what differs.
 */
const LARGE_PAGES = 8

/**
 * What is stored beyond the cursors, after a change of the root or a damaged journal: of earlier
 * roots, or in parts. A range of accounts that comes takes the place of what is stored in it; slots
 * that are there already need not come again.
 */
export class StaleLeaves {
  readonly #view: Pick<StateView, 'accounts' | 'slotPageCounts'>
  readonly #marks: IncompleteAccounts

  constructor(view: Pick<StateView, 'accounts' | 'slotPageCounts'>, marks: IncompleteAccounts) {
    this.#view = view
    this.#marks = marks
  }

  /**
   * Prepares a verified range of accounts to be written over what is stored in it.
   *
   * Looks at each contract with storage. If chunks of it are stored, its download continues with
   * the rest. If the stored account has the same storage root, its slots are whole and not asked
   * for. A large contract with another root is left to the heal. The slots of all other accounts
   * are removed.
   *
   * @param contracts of the range, ascending; those that are looked at are changed
   */
  async replace(
    task: AccountTask,
    range: KeyRange,
    contracts: readonly PendingContract[],
  ): Promise<Pick<StoreBatch, 'removeAccounts' | 'removeSlots' | 'journal'>> {
    const suspended = new Map(
      task.suspended.map((contract) => [bytesToHex(contract.accountHash), contract]),
    )
    const withStorage = contracts.filter(({ storageRoot }) => storageRoot !== undefined)
    const marked = new Set(withStorage.filter(({ accountHash }) => this.#marks.has(accountHash)))
    const stored = await this.#stored(range, withStorage)
    const pages = await this.#view.slotPageCounts(withStorage.map((it) => it.accountHash))
    this.#marks.removeRange(range.first, range.last)
    const keep: Uint8Array[] = []
    for (const [index, contract] of withStorage.entries()) {
      const id = bytesToHex(contract.accountHash)
      const begun = suspended.get(id)
      let incomplete = false
      // A mark of begun chunks stays: the first of them may be of a root before the last.
      if (begun) incomplete = this.#resume(contract, begun) || marked.has(contract)
      else {
        const isWhole = !marked.has(contract) && stored.has(id + contract.storageRoot)
        incomplete = !isWhole && pages[index]! >= LARGE_PAGES
        if (isWhole || incomplete) contract.storageRoot = undefined
      }
      if (incomplete) this.#marks.add(contract.accountHash)
      if (begun || contract.storageRoot === undefined) keep.push(contract.accountHash)
    }
    task.suspended = task.suspended.filter((it) => compareBytes(it.accountHash, range.last) > 0)
    return {
      removeAccounts: [range],
      removeSlots: slotsAround(range, keep),
      journal: this.#marks.takeChanges(),
    }
  }

  /** Resumes the chunks of an earlier root. */
  #resume(contract: PendingContract, begun: PendingContract): boolean {
    contract.chunks = begun.chunks
    return begun.storageRoot !== contract.storageRoot
  }

  /**
   * Of the stored accounts in a range, each hash ‖ storage root, in hexadecimal; of none if there
   * are no contracts.
   */
  async #stored(
    { first, last }: KeyRange,
    contracts: readonly PendingContract[],
  ): Promise<ReadonlySet<string>> {
    const roots = new Set<string>()
    if (contracts.length === 0) return roots
    for await (const leaves of this.#view.accounts(first)) {
      for (const { accountHash, storageRoot } of findContracts(leaves)) {
        if (storageRoot) roots.add(bytesToHex(accountHash) + bytesToHex(storageRoot))
      }
      if (compareBytes(leafKey(leaves, leaves.count - 1), last) >= 0) break
    }
    return roots
  }
}

/** The slots of all accounts in a range except some, which ascend. */
function slotsAround({ first, last }: KeyRange, keep: readonly Uint8Array[]): KeyRange[] {
  const ranges: KeyRange[] = []
  let from: Uint8Array | undefined = first
  for (const account of keep) {
    if (compareBytes(from!, account) < 0) {
      ranges.push(slotsOfAccounts(from!, previousHash(account)!))
    }
    from = nextHash(account)
  }
  if (from !== undefined && compareBytes(from, last) <= 0) ranges.push(slotsOfAccounts(from, last))
  return ranges
}
