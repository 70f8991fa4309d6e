import { bytesToHex } from '@noble/hashes/utils.js'
import { EMPTY_ROOT } from '../../account/emptyHashes.ts'
import { compareBytes } from '../../base/compareBytes.ts'
import { nextHash, previousHash } from '../../base/hash32.ts'
import type { KeyRange } from '../../store/KeyRange.ts'
import { slotsOfAccounts } from '../../store/KeyRange.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { DerivedState } from '../audit/DerivedState.ts'
import type { AccountTask } from '../journal/AccountTask.ts'
import type { IncompleteAccounts } from '../journal/IncompleteAccounts.ts'
import type { PendingContract } from '../journal/PendingContract.ts'

/**
 * What is stored beyond the cursors, after a change of the root or a damaged journal: of earlier roots, or in parts. A range
 * of accounts that comes takes the place of what is stored in it; slots that are there already need not come again.
 */
export class StaleLeaves {
  readonly #derived: DerivedState
  readonly #marks: IncompleteAccounts

  constructor(derived: DerivedState, marks: IncompleteAccounts) {
    this.#derived = derived
    this.#marks = marks
  }

  /**
   * Prepares a verified range of accounts to be written over what is stored in it.
   *
   * Looks at each contract with storage: one of which chunks are stored goes on with them; one whose slots are stored needs
   * none, and is healed where they do not make up its storage root. Of all other accounts the slots are removed.
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
    const marked = new Set(contracts.filter(({ accountHash }) => this.#marks.has(accountHash)))
    this.#marks.removeRange(range.first, range.last)
    const keep: Uint8Array[] = []
    for (const contract of contracts) {
      if (contract.storageRoot === undefined) continue
      const begun = suspended.get(bytesToHex(contract.accountHash))
      // A mark of begun chunks stays: the first of them may be of a root before the last.
      const incomplete = begun
        ? this.#resume(contract, begun) || marked.has(contract)
        : await this.#compare(contract, contract.storageRoot)
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

  /** Goes on where an earlier root left off. */
  #resume(contract: PendingContract, begun: PendingContract): boolean {
    contract.chunks = begun.chunks
    return begun.storageRoot !== contract.storageRoot
  }

  /** Looks whether the slots of a contract are stored, under whichever root. */
  async #compare(contract: PendingContract, storageRoot: string): Promise<boolean> {
    const stored = bytesToHex(await this.#derived.storage(contract.accountHash).root())
    if (`0x${stored}` === EMPTY_ROOT) return false
    contract.storageRoot = undefined
    return stored !== storageRoot
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
