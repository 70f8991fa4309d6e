import { type Hex, toHex } from '../../../src/base/bytes/hex.ts'
import type { Leaves } from '../../../src/leaves/Leaves.ts'
import { leafKey, leafValue } from '../../../src/leaves/Leaves.ts'
import type { KeyRange } from '../../../src/store/KeyRange.ts'
import type { StoreBatch } from '../../../src/store/StateStore.ts'
import type { StoreTotals } from '../../../src/store/StateView.ts'

/** One state, kept in the most obvious way: maps from hexadecimal to hexadecimal. */
export class StateModel {
  readonly accounts: Map<Hex, Hex>
  readonly slots: Map<Hex, Hex>
  readonly codes: Map<Hex, Hex>

  /** @param state to begin with. Default: an empty one */
  constructor(state?: StateModel) {
    this.accounts = new Map(state?.accounts)
    this.slots = new Map(state?.slots)
    this.codes = new Map(state?.codes)
  }

  commit({ accounts, slots, codes = [], ...batch }: StoreBatch): void {
    removeRanges(this.accounts, batch.removeAccounts)
    removeRanges(this.slots, batch.removeSlots)
    if (accounts) for (const [key, value] of hexEntries(accounts)) this.accounts.set(key, value)
    if (slots) for (const [key, value] of hexEntries(slots)) this.slots.set(key, value)
    for (const { hash, code } of codes) this.codes.set(toHex(hash), toHex(code))
  }

  totals(): StoreTotals {
    const digits = [this.accounts, this.slots, this.codes]
      .flatMap((map) => [...map].flat())
      .reduce((sum, hex) => sum + hex.length - 2, 0)
    return {
      accounts: this.accounts.size,
      slots: this.slots.size,
      codes: this.codes.size,
      bytes: digits / 2,
    }
  }
}

/** What a store should hold: two states and a journal. */
export class StoreModel {
  completed = new StateModel()
  working = new StateModel()
  readonly journal = new Map<string, Hex>()
  /** Of the completed state. */
  root: Hex | undefined

  commit(batch: StoreBatch): void {
    this.working.commit(batch)
    for (const [name, record] of batch.journal ?? []) {
      if (record) this.journal.set(name, toHex(record))
      else this.journal.delete(name)
    }
    if (!batch.complete) return
    this.root = toHex(batch.complete)
    this.completed = new StateModel(this.working)
  }

  clear(): void {
    this.completed = new StateModel()
    this.working = new StateModel()
    this.journal.clear()
    this.root = undefined
  }

  copy(): StoreModel {
    const copy = new StoreModel()
    copy.completed = new StateModel(this.completed)
    copy.working = new StateModel(this.working)
    for (const [name, record] of this.journal) copy.journal.set(name, record)
    copy.root = this.root
    return copy
  }
}

function removeRanges(map: Map<Hex, Hex>, ranges: readonly KeyRange[] = []): void {
  for (const { first, last } of ranges) {
    for (const key of map.keys()) if (key >= toHex(first) && key <= toHex(last)) map.delete(key)
  }
}

/** The leaves one by one. */
export function hexEntries(leaves: Leaves): [key: Hex, value: Hex][] {
  return Array.from({ length: leaves.count }, (_, index) => [
    toHex(leafKey(leaves, index)),
    toHex(leafValue(leaves, index)),
  ])
}
