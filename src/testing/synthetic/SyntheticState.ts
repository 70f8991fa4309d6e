import { decodeAccount, encodeAccount } from '../../account/accountCodec.ts'
import { type Hex, toHex } from '../../base/bytes/hex.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafValue } from '../../leaves/Leaves.ts'
import { replaceValues } from '../../leaves/prefixLeaves.ts'
import type { MemoryState } from '../../served/memoryState.ts'
import type { PackedContents } from '../../served/packed/PackedContents.ts'
import { PackedState } from '../../served/packed/PackedState.ts'
import type { StateSource } from '../../served/StateSource.ts'

export interface SyntheticParts {
  /** Sorted. */
  accounts: Leaves
  contents: PackedContents
  slots: number
  addresses: readonly Hex[]
}

/** A made-up state: what `memoryState` gives, with some addresses to read. */
export class SyntheticState implements MemoryState {
  readonly stateRoot: Hex
  /** Serves this state. */
  readonly source: StateSource
  readonly accounts: number
  readonly slots: number
  readonly codes: number
  /** Addresses of a thousand accounts, or all where there are fewer, anywhere in the trie. */
  readonly addresses: readonly Hex[]
  readonly #parts: SyntheticParts

  constructor(parts: SyntheticParts) {
    const { accounts, contents, slots, addresses } = parts
    const state = new PackedState(accounts, contents)
    this.stateRoot = toHex(state.accounts.root)
    this.source = state.source
    this.accounts = accounts.count
    this.slots = slots
    this.codes = contents.codeCount
    this.addresses = addresses
    this.#parts = parts
  }

  /**
   * The state after some accounts got a wei each, evenly spread over the trie: for healing from one
   * to the other. Shares with this one all but the accounts' values, and serves itself only.
   *
   * @param count how many accounts; at most as many as there are
   */
  paid(count: number): SyntheticState {
    const { accounts } = this.#parts
    const changes = new Map<number, Uint8Array>()
    const most = Math.min(count, accounts.count)
    for (let paid = 0; paid < most; paid++) {
      const index = Math.floor((paid * accounts.count) / most)
      const account = decodeAccount(leafValue(accounts, index))
      changes.set(index, encodeAccount({ ...account, balance: account.balance + 1n }))
    }
    return new SyntheticState({ ...this.#parts, accounts: replaceValues(accounts, changes) })
  }
}
