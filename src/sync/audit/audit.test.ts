import { hexToBytes } from '@noble/hashes/utils.js'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { StateTruth } from '../../../test/support/sync/StateTruth.ts'
import { decodeSlimAccount, encodeSlimAccount } from '../../account/accountCodec.ts'
import { emptyRoot } from '../../account/emptyHashes.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { toHex } from '../../base/bytes/hex.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { openMemoryStore } from '../../store/openMemoryStore.ts'
import type { StateStore } from '../../store/StateStore.ts'
import { syntheticAccounts } from '../../testing/syntheticAccounts.ts'
import { createVerifier } from '../../verifier/createVerifier.ts'
import { JsVerifier } from '../../verifier/JsVerifier.ts'
import type { Verifier } from '../../verifier/Verifier.ts'
import { audit } from './audit.ts'

const truth = new StateTruth(
  syntheticAccounts({ seed: 61, accounts: 900, contracts: 0.3, maxSlots: 200, codes: 20 }),
)
type Entry = [key: Uint8Array, value: Uint8Array]
let verifiers: Verifier[]
let accounts: Entry[]
let slots: Entry[]
let codes: Entry[]

beforeAll(async () => {
  verifiers = [await createVerifier(), new JsVerifier()]
})

/** Sorted, as the state has it. */
function entriesOf(map: ReadonlyMap<string, string>): Entry[] {
  return [...map]
    .map(([key, value]): Entry => [hexToBytes(key), hexToBytes(value)])
    .sort(([a], [b]) => compareBytes(a, b))
}

beforeEach(() => {
  accounts = entriesOf(truth.accounts)
  slots = entriesOf(truth.slots)
  codes = entriesOf(truth.codes)
})

/** A store of what is in `accounts`, `slots` and `codes`. */
async function stored(): Promise<StateStore> {
  const store = await openMemoryStore()
  await store.commit({
    accounts: packLeaves(accounts),
    slots: packLeaves(slots, 64),
    codes: codes.map(([hash, code]) => ({ hash, code })),
  })
  return store
}

async function expectAuditError(...words: string[]): Promise<void> {
  for (const verifier of verifiers) {
    const error = await audit((await stored()).working, verifier, truth.root).then(
      () => expect.fail('the audit passed'),
      (cause) => cause,
    )
    expect(error).toMatchObject({ code: 'AUDIT', name: 'AuditError' })
    for (const word of words) expect(error.message).toContain(word)
  }
}

const accountOfSlot = (index: number) => slots[index]![0].slice(0, 32)

describe('audit', () => {
  it('reports what it found where the state holds', async () => {
    for (const verifier of verifiers) {
      const checked: number[] = []
      const report = await audit((await stored()).working, verifier, truth.root, {
        onChecked: (count) => checked.push(count),
      })
      const [a, s, c] = [accounts.length, slots.length, codes.length]
      expect(report).toEqual({ root: truth.state.stateRoot, accounts: a, slots: s, codes: c })
      expect(checked).toEqual([...checked].sort((x, y) => x - y))
      expect(checked.at(-1)).toBe(a + s + c)
    }
  })

  it('finds the empty state in an empty store', async () => {
    const report = await audit((await openMemoryStore()).working, new JsVerifier(), emptyRoot())
    expect(report).toMatchObject({ root: toHex(emptyRoot()), accounts: 0, slots: 0, codes: 0 })
  })

  it('names both roots when an account was changed', async () => {
    const [key, body] = accounts[450]!
    const account = decodeSlimAccount(body)
    accounts[450] = [key, encodeSlimAccount({ ...account, nonce: account.nonce + 1n })]
    await expectAuditError("the accounts' root is 0x", `expected ${truth.state.stateRoot}`)
  })

  it('notices an account that was removed', async () => {
    accounts.splice(450, 1)
    await expectAuditError("the accounts' root is 0x")
  })

  it('notices an account that was added', async () => {
    accounts.push([new Uint8Array(32).fill(0xff), accounts[0]![1]])
    await expectAuditError("the accounts' root is 0x")
  })

  it('names an account that is none', async () => {
    accounts[450]![1] = Uint8Array.of(0xc1, 0x80)
    await expectAuditError(toHex(accounts[450]![0]))
  })

  it('names the account of a slot that was changed', async () => {
    const [, value] = slots[100]!
    slots[100]![1] = value.with(-1, value.at(-1)! ^ 1)
    await expectAuditError("the slots' root is 0x", toHex(accountOfSlot(100)))
  })

  it('notices a slot without a value', async () => {
    slots[100]![1] = new Uint8Array()
    await expectAuditError('value')
  })

  it('names the account of a slot that was removed', async () => {
    const index = slots.findIndex((_, at) => {
      return at > 0 && toHex(accountOfSlot(at)) === toHex(accountOfSlot(at - 1))
    })
    const account = toHex(accountOfSlot(index))
    slots.splice(index, 1)
    await expectAuditError("the slots' root is 0x", account)
  })

  it.each([
    ['first', 0],
    ['last', -1],
  ])('names the %s account with storage when all its slots are gone', async (_, at) => {
    const account = toHex(slots.at(at)![0].slice(0, 32))
    slots = slots.filter(([key]) => toHex(key.slice(0, 32)) !== account)
    await expectAuditError('no slots are stored', account)
  })

  it('names the account of a slot that was added', async () => {
    const key = new Uint8Array(64).fill(0xff)
    key.set(accountOfSlot(100))
    const at = slots.findIndex(([other]) => compareBytes(other, key) > 0)
    slots.splice(at, 0, [key, Uint8Array.of(1)])
    await expectAuditError("the slots' root is 0x", toHex(accountOfSlot(100)))
  })

  it.each([
    ['between two contracts', () => accounts.find(([, body]) => body.length < 40)![0]],
    ['after the last contract', () => new Uint8Array(32).fill(0xff)],
  ])('names an account without storage that has slots, %s', async (_, find) => {
    const key = new Uint8Array(64)
    key.set(find())
    slots.push([key, Uint8Array.of(1)])
    slots.sort(([a], [b]) => compareBytes(a, b))
    await expectAuditError('which has no storage', toHex(key.subarray(0, 32)))
  })

  it('names a code that was changed, and what it hashes to', async () => {
    codes[3]![1] = codes[3]![1].with(0, codes[3]![1][0]! ^ 1)
    const running = audit((await stored()).working, verifiers[0]!, truth.root)
    await expect(running).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining(`the code stored as ${toHex(codes[3]![0])} hashes to 0x`),
    })
  })

  it('names a code that is missing', async () => {
    const [[hash]] = codes.splice(3, 1) as [Entry]
    await expectAuditError(`code ${toHex(hash)}`, 'is not stored')
  })

  it('stops when its signal aborts', async () => {
    const controller = new AbortController()
    let steps = 0
    const running = audit((await stored()).working, verifiers[0]!, truth.root, {
      signal: controller.signal,
      onChecked: () => {
        if (++steps === 2) controller.abort()
      },
    })
    await expect(running).rejects.toMatchObject({ code: 'SYNC_CANCELLED' })
    expect(steps).toBe(2)
  })

  it('checks the storage of thousands of contracts in stretches, and finds damage in each', async () => {
    const many = new StateTruth(
      syntheticAccounts({ seed: 62, accounts: 9_000, contracts: 1, maxSlots: 2, codes: 3 }),
    )
    const [verifier] = verifiers as [Verifier]
    const inOrder = entriesOf(many.slots)
    const store = await openMemoryStore()
    await store.commit({
      accounts: packLeaves(entriesOf(many.accounts)),
      slots: packLeaves(inOrder, 64),
      codes: entriesOf(many.codes).map(([hash, code]) => ({ hash, code })),
    })
    const report = await audit(store.working, verifier, many.root)
    expect(report).toMatchObject({ accounts: 9_000, slots: inOrder.length, codes: 3 })
    for (const index of [0, 0.5, 0.999].map((part) => Math.floor(part * inOrder.length))) {
      const [key, value] = inOrder[index]!
      await store.commit({ slots: packLeaves([[key, Uint8Array.of(1)]], 64) })
      const account = toHex(key.subarray(0, 32))
      await expect(audit(store.working, verifier, many.root)).rejects.toThrow(account)
      await store.commit({ slots: packLeaves([[key, value]], 64) })
    }
  })
})
