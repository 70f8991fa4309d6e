import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../base/bytes/hex.ts'
import type { AccountEntry } from '../served/AccountEntry.ts'
import { accountEntries } from '../served/accountEntries.ts'
import { memoryState } from '../served/memoryState.ts'
import type { Hasher } from '../trie/Hasher.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import { syntheticAccounts } from './syntheticAccounts.ts'
import { syntheticState } from './syntheticState.ts'

const verifier = await createVerifier()

const entriesOf = ({ source, stateRoot }: Awaited<ReturnType<typeof syntheticState>>) => [
  ...accountEntries(source, fromHex(stateRoot, 'root', 32)),
]

describe('a synthetic state', () => {
  it.each([
    { seed: 1, accounts: 0 },
    { seed: 2, accounts: 1, contracts: 1 },
    { seed: 3, accounts: 3000, contracts: 0 },
    { seed: 4, accounts: 2000, contracts: 0.5, maxSlots: 300 },
    { seed: 5, accounts: 1500, contracts: 1, maxSlots: 40, shared: 0.5, codes: 3, maxCode: 24_576 },
  ])('is that of syntheticAccounts: %o', async (shape) => {
    const { stateRoot, accounts, slots, codes, addresses } = await syntheticState({
      ...shape,
      verifier,
    })
    const entries = [...syntheticAccounts(shape)]
    const wanted = memoryState(entries, { verifier })
    expect({ stateRoot, accounts, slots, codes }).toEqual({
      ...{ stateRoot: wanted.stateRoot, accounts: wanted.accounts },
      ...{ slots: wanted.slots, codes: wanted.codes },
    })
    const names = new Set(entries.map(({ name }) => name))
    expect(addresses).toHaveLength(Math.min(1000, shape.accounts))
    expect(addresses.filter((address) => !names.has(address))).toEqual([])
  })

  it('is another with another seed', async () => {
    const [one, other] = await Promise.all(
      [1, 2].map((seed) => syntheticState({ seed, accounts: 10, verifier })),
    )
    expect(one!.stateRoot).not.toBe(other!.stateRoot)
  })

  it('has contracts of many sizes, most of them small, that share storage and code', () => {
    const entries = [
      ...syntheticAccounts({ seed: 1, accounts: 20_000, contracts: 0.5, shared: 0.3 }),
    ]
    const contracts = entries.filter(({ code }) => code.length > 0)
    const part = (some: (entry: AccountEntry) => boolean) =>
      contracts.filter(some).length / contracts.length
    expect(contracts.length / entries.length).toBeCloseTo(0.5, 1)
    expect(part(({ storage }) => storage.length <= 2)).toBeCloseTo(0.67, 1)
    expect(part(({ storage }) => storage.length >= 100)).toBeCloseTo(0.01, 2)
    const storages = new Set(contracts.map(({ storage }) => storage))
    expect(1 - storages.size / contracts.length).toBeCloseTo(0.3, 1)
    expect(new Set(contracts.map(({ code }) => code)).size).toBe(16)
  })

  it('can pay some accounts: another state that differs in these', async () => {
    const state = await syntheticState({ seed: 1, accounts: 500, contracts: 0.3, verifier })
    for (const count of [0, 1, 10, 500, 600]) {
      const paid = state.paid(count)
      const before = entriesOf(state)
      const after = entriesOf(paid)
      const changed = after.filter(({ balance }, index) => balance !== before[index]!.balance)
      expect(changed).toHaveLength(Math.min(count, 500))
      const wanted = before.map((entry, index) => {
        const isPaid = after[index]!.balance !== entry.balance
        return isPaid ? { ...entry, balance: entry.balance + 1n } : entry
      })
      expect(paid.stateRoot).toBe(memoryState(wanted, { verifier }).stateRoot)
      expect(after.map(({ hash }) => toHex(hash))).toEqual(before.map(({ hash }) => toHex(hash)))
    }
  })

  it('makes no bytes per account but the leaves', async () => {
    // What a test can see without timing: as many calls of the hash as batches, not as accounts.
    let calls = 0
    const counting: Hasher = {
      keccak256: (input) => verifier.keccak256(input),
      branchOf: (leaves) => verifier.branchOf(leaves),
      keccak256Batch: (inputs) => {
        calls++
        return verifier.keccak256Batch(inputs)
      },
    }
    await syntheticState({ seed: 1, accounts: 20_000, contracts: 0, verifier: counting })
    expect(calls).toBeLessThan(200)
  })

  it('names accounts by their addresses', async () => {
    const { source, stateRoot, addresses } = await syntheticState({
      ...{ seed: 1, accounts: 30, verifier },
    })
    const state = source.state(fromHex(stateRoot, 'root', 32))!
    for (const address of addresses) {
      const hash = keccak_256(fromHex(address, 'address', 20))
      expect(state.storage(hash)).toBeDefined()
    }
  })
})
