import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import { openMemoryStore } from '../../../src/store/openMemoryStore.ts'
import type { StateStore, StoreBatch } from '../../../src/store/StateStore.ts'
import { syntheticAccounts } from '../../../src/testing/syntheticAccounts.ts'
import { StateTruth } from './StateTruth.ts'

const truth = new StateTruth(syntheticAccounts({ seed: 1, accounts: 300, contracts: 0.3 }))

const entries = (map: ReadonlyMap<string, string>) =>
  Array.from(map, ([key, value]) => [hexToBytes(key), hexToBytes(value)] as const)

const whole = (): StoreBatch => ({
  accounts: packLeaves(entries(truth.accounts)),
  slots: packLeaves(entries(truth.slots), 64),
  codes: entries(truth.codes).map(([hash, code]) => ({ hash, code })),
})

/** A store of the state, after some more batches. */
async function storeAfter(...batches: StoreBatch[]) {
  const store = await openMemoryStore()
  for (const batch of [whole(), ...batches]) await store.commit(batch)
  return store
}

/** All that a failed comparison tells. */
async function complaint(store: StateStore): Promise<string> {
  const error = await truth.expectStored(store.working).catch((error: unknown) => error)
  const { message = '', actual = '' } = error as { message?: string; actual?: unknown }
  return `${message} ${JSON.stringify(actual)}`
}

const last = (map: ReadonlyMap<string, string>) => hexToBytes([...map.keys()].at(-1)!)
const middle = (map: ReadonlyMap<string, string>) => hexToBytes([...map.keys()][map.size >> 1]!)
const changed = (key: Uint8Array) => packLeaves([[key, Uint8Array.of(1, 2, 3)]], key.length)
/** No key of the state. */
const strange = (key: Uint8Array) =>
  key.map((byte, at) => (at === key.length - 1 ? byte ^ 1 : byte))

describe('the truth about a state', () => {
  it('holds of a store that has it', async () => {
    await truth.expectStored((await storeAfter()).working)
    truth.expectTrue(whole())
  })

  const { accounts, slots, codes } = truth
  it.each<[string, StoreBatch, named: Uint8Array]>([
    ['misses its last account', { removeAccounts: [only(last(accounts))] }, last(accounts)],
    ['misses a slot', { removeSlots: [only(middle(slots))] }, middle(slots)],
    ['misses its last slot', { removeSlots: [only(last(slots))] }, last(slots)],
    ['has another account', { accounts: changed(middle(accounts)) }, middle(accounts)],
    ['has another slot', { slots: changed(middle(slots)) }, middle(slots)],
    [
      'has one account more',
      { accounts: changed(strange(last(accounts))) },
      strange(last(accounts)),
    ],
    ['has one slot more', { slots: changed(strange(middle(slots))) }, strange(middle(slots))],
    ['has another code', { codes: [other(middle(codes))] }, middle(codes)],
  ])('does not hold of a store that %s', async (_, batch, named) => {
    const store = await storeAfter(batch)
    expect(await complaint(store)).toContain(bytesToHex(named))
  })

  it('does not hold of a store that has one code more, or none', async () => {
    const more = await storeAfter({ codes: [other(new Uint8Array(32))] })
    expect(await complaint(more)).toContain(`"codes":${truth.codes.size + 1}`)
    const without = await openMemoryStore()
    await without.commit({ ...whole(), codes: [] })
    expect(await complaint(without)).toContain([...codes.keys()][0]!)
  })
})

function only(key: Uint8Array) {
  return { first: key, last: key }
}

function other(hash: Uint8Array) {
  return { hash, code: Uint8Array.of(1, 2, 3) }
}
