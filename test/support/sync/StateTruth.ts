import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { expect } from 'vitest'
import { decodeAccount, encodeSlimAccount } from '../../../src/account/accountCodec.ts'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { fromHex } from '../../../src/base/bytes/hex.ts'
import type { Leaves } from '../../../src/leaves/Leaves.ts'
import { leafKey, leafValue } from '../../../src/leaves/Leaves.ts'
import type { AccountEntry } from '../../../src/served/AccountEntry.ts'
import { type MemoryState, memoryState } from '../../../src/served/memoryState.ts'
import type { ServedState } from '../../../src/served/StateSource.ts'
import type { StoreBatch } from '../../../src/store/StateStore.ts'
import type { StateView } from '../../../src/store/StateView.ts'

/** Keys (or code hashes) and values, in hexadecimal without prefix. */
type HexMap = ReadonlyMap<string, string>

type Entry = readonly [key: Uint8Array, value: Uint8Array]

const FIRST_KEY = new Uint8Array(32)

/**
 * Everything that a complete store of one state must hold, taken from the source and not from any
 * answer.
 */
export class StateTruth {
  readonly state: MemoryState
  readonly root: Uint8Array
  readonly codes: HexMap
  readonly #served: ServedState
  #accounts: HexMap | undefined
  #slots: HexMap | undefined

  /** @param state the state, or the accounts to make it from */
  constructor(state: MemoryState | Iterable<AccountEntry>) {
    this.state = 'source' in state ? state : memoryState(state)
    this.root = fromHex(this.state.stateRoot, 'root', 32)
    this.#served = this.state.source.state(this.root)!
    const codes = new Map<string, string>()
    for (const [, body] of this.#served.accounts.leaves(FIRST_KEY)) {
      const { codeHash } = decodeAccount(body)
      const code = this.state.source.code(codeHash)
      if (code !== undefined) codes.set(bytesToHex(codeHash), bytesToHex(code))
    }
    this.codes = codes
  }

  /** Slim account RLP by account hash. */
  get accounts(): HexMap {
    this.#accounts ??= hexMap(this.#accountEntries())
    return this.#accounts
  }

  /** Values by account hash ‖ slot hash. */
  get slots(): HexMap {
    this.#slots ??= hexMap(this.#slotEntries())
    return this.#slots
  }

  /**
   * Compares a view of a store with the state, leaf by leaf and code by code.
   *
   * @param formerCodes whether codes of earlier states may be there too: they are never removed
   */
  async expectStored(view: StateView, { formerCodes = false } = {}): Promise<void> {
    const accounts = await expectSame(view.accounts(), this.#accountEntries())
    const slots = await expectSame(view.slots(), this.#slotEntries())
    for (const [hash, code] of this.codes) {
      const stored = await view.getCode(hexToBytes(hash))
      expect(stored && bytesToHex(stored), `code ${hash}`).toBe(code)
    }
    const totals = await view.totals()
    const codes = formerCodes ? Math.min(this.codes.size, totals.codes) : totals.codes
    expect({ ...totals, codes }).toMatchObject({ accounts, slots, codes: this.codes.size })
  }

  /** Checks that all of a batch belongs to the state. */
  expectTrue({ accounts, slots, codes = [] }: StoreBatch): void {
    for (const [key, value] of hexPairs(accounts)) expect(this.accounts.get(key)).toBe(value)
    for (const [key, value] of hexPairs(slots)) expect(this.slots.get(key)).toBe(value)
    for (const { hash, code } of codes) {
      expect(this.codes.get(bytesToHex(hash))).toBe(bytesToHex(code))
    }
  }

  *#accountEntries(): Generator<Entry, void> {
    for (const [hash, body] of this.#served.accounts.leaves(FIRST_KEY)) {
      yield [hash, encodeSlimAccount(decodeAccount(body))]
    }
  }

  *#slotEntries(): Generator<Entry, void> {
    for (const [hash] of this.#served.accounts.leaves(FIRST_KEY)) {
      for (const [slot, value] of this.#served.storage(hash)!.leaves(FIRST_KEY)) {
        yield [concatBytes(hash, slot), value]
      }
    }
  }
}

/** Keys and values of leaves in hexadecimal; none of no leaves. */
export function hexPairs(leaves: Leaves | undefined): [key: string, value: string][] {
  return Array.from({ length: leaves?.count ?? 0 }, (_, index) => [
    bytesToHex(leafKey(leaves!, index)),
    bytesToHex(leafValue(leaves!, index)),
  ])
}

function hexMap(entries: Iterable<Entry>): HexMap {
  return new Map(Array.from(entries, ([key, value]) => [bytesToHex(key), bytesToHex(value)]))
}

/**
 * Compares in bytes and in one pass, as there may be hundreds of thousands; names the first
 * differences only.
 *
 * @param stored in ascending order, as `wanted` is
 * @returns how many there are
 */
async function expectSame(
  stored: AsyncIterable<Leaves>,
  wanted: Iterator<Entry, void>,
): Promise<number> {
  const missing: string[] = []
  const strange: string[] = []
  let count = 0
  let next = wanted.next().value
  const step = () => {
    count++
    next = wanted.next().value
  }
  for await (const leaves of stored) {
    for (let index = 0; index < leaves.count; index++) {
      const key = leafKey(leaves, index)
      while (next && compareBytes(next[0], key) < 0) {
        missing.push(bytesToHex(next[0]))
        step()
      }
      if (next === undefined || compareBytes(next[0], key) > 0) {
        strange.push(bytesToHex(key))
      } else {
        if (compareBytes(next[1], leafValue(leaves, index)) !== 0) missing.push(bytesToHex(key))
        step()
      }
    }
  }
  for (; next; step()) missing.push(bytesToHex(next[0]))
  expect({ missing: missing.slice(0, 3), strange: strange.slice(0, 3) }).toEqual({
    missing: [],
    strange: [],
  })
  return count
}
