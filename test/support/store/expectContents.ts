import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { expect } from 'vitest'
import { fromHex, type Hex, toHex } from '../../../src/base/bytes/hex.ts'
import type { Leaves } from '../../../src/leaves/Leaves.ts'
import type { StateStore } from '../../../src/store/StateStore.ts'
import type { StateView } from '../../../src/store/StateView.ts'
import { hexEntries, type StateModel, type StoreModel } from './StoreModel.ts'

/** Keys that are looked up by themselves, evenly spread; all are compared by iterating. */
const LOOK_UPS = 100

/** Compares all that can be read out of a store with what it should hold. */
export async function expectContents(store: StateStore, model: StoreModel): Promise<void> {
  await expectState(store.completed, model.completed)
  await expectState(store.working, model.working)
  expect(sorted(await hexJournal(store))).toEqual(sorted(model.journal))
  for (const [hash, code] of some(model.working.codes)) {
    for (const view of [store.completed, store.working]) {
      expect(await view.getCode(fromHex(hash, 'hash')).then(optionalHex)).toBe(code)
      expect(await view.hasCodes([fromHex(hash, 'hash')])).toEqual([true])
    }
  }
  const completion = await store.completion()
  expect(optionalHex(completion?.root)).toBe(model.root)
}

/** Compares all that can be read out of a view with the state that it should show. */
export async function expectState(view: StateView, state: StateModel): Promise<void> {
  expectEntries(await allEntries(view.accounts()), sorted(state.accounts))
  expectEntries(await allEntries(view.slots()), sorted(state.slots))
  expect(await view.totals()).toEqual(state.totals())

  for (const [key, value] of some(state.accounts)) {
    expect(await view.getAccount(fromHex(key, 'key')).then(optionalHex)).toBe(value)
  }
  for (const [key, value] of some(state.slots)) {
    const bytes = fromHex(key, 'key')
    const found = await view.getSlot(bytes.subarray(0, 32), bytes.subarray(32))
    expect(optionalHex(found)).toBe(value)
  }
}

/**
 * Compares from the first difference on: ten thousand entries are too many for a deep comparison.
 */
function expectEntries(received: [Hex, Hex][], expected: [Hex, Hex][]): void {
  const first = expected.findIndex(([key, value], index) => {
    return received[index]?.[0] !== key || received[index]?.[1] !== value
  })
  const from = first === -1 ? expected.length : first
  const shown = (entries: [Hex, Hex][]) => entries.slice(from, from + 5).map(shortened)
  expect(shown(received)).toEqual(shown(expected))
}

/** Values of thousands of bytes are too long to read. */
function shortened([key, value]: [Hex, Hex]): string {
  if (value.length < 200) return `${key}: ${value}`
  return `${key}: ${value.slice(0, 20)}…, sha256 ${bytesToHex(sha256(utf8ToBytes(value)))}`
}

async function allEntries(batches: AsyncIterable<Leaves>): Promise<[Hex, Hex][]> {
  const entries: [Hex, Hex][] = []
  for await (const leaves of batches) {
    expect(leaves.count).toBeGreaterThan(0)
    entries.push(...hexEntries(leaves))
  }
  return entries
}

async function hexJournal(store: StateStore): Promise<Map<string, Hex>> {
  return new Map([...(await store.journal())].map(([name, record]) => [name, toHex(record)]))
}

function sorted<Key extends string>(map: ReadonlyMap<Key, Hex>): [Key, Hex][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

function some<Key>(map: ReadonlyMap<Key, Hex>): [Key, Hex][] {
  const step = Math.ceil(map.size / LOOK_UPS)
  return [...map].filter((_, index) => index % step === 0)
}

function optionalHex(bytes: Uint8Array | undefined): Hex | undefined {
  return bytes && toHex(bytes)
}
