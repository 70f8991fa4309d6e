import { describe, expect, it } from 'vitest'
import { answerFrame } from '../../../test/support/snap/answerFrame.ts'
import { decodeSlimAccount } from '../../account/accountCodec.ts'
import { nextHash } from '../../base/bytes/hash32.ts'
import { fromHex } from '../../base/bytes/hex.ts'
import { leafKey, leafValue } from '../../leaves/Leaves.ts'
import { encodeRlp } from '../../rlp/encodeRlp.ts'
import { SeededRandom } from '../../served/changing/SeededRandom.ts'
import { memoryState } from '../../served/memoryState.ts'
import { syntheticAccounts } from '../../testing/syntheticAccounts.ts'
import { createVerifier } from '../../verifier/createVerifier.ts'
import type { AccountsClaim, SlotsClaim, Verifier } from '../../verifier/Verifier.ts'
import { encodeMessage } from '../encodeMessage.ts'
import { type AccountRange, SNAP_KINDS, type StorageRanges } from '../SnapMessage.ts'
import { stateHandler } from '../server/stateHandler.ts'
import { verifyAccounts } from './verifyAccounts.ts'
import { verifySlots } from './verifySlots.ts'

const wasm = await Promise.all(
  (['simd', 'plain'] as const).map((build) => createVerifier({ build })),
)
const js = await createVerifier({ build: 'js' })

const { source, stateRoot } = memoryState(
  syntheticAccounts({ seed: 5, accounts: 600, contracts: 0.4, maxSlots: 150 }),
)
const root = fromHex(stateRoot, 'root', 32)
const handler = stateHandler(source)
const { seed: SEED } = new SeededRandom()
const FIRST = new Uint8Array(32)
const LAST = new Uint8Array(32).fill(0xff)

async function accounts(origin: Uint8Array, limit: Uint8Array, bytes: number) {
  const request = { kind: 'GetAccountRange', id: 7n, root, origin, limit, bytes } as const
  return encodeMessage(await handler(request))
}

/** All contracts with storage. */
async function contractsWithStorage() {
  const frame = await accounts(FIRST, LAST, 2 ** 20)
  const verified = verifyAccounts(answerFrame(frame), { root, origin: FIRST, last: LAST }, js)!
  return verified.contracts.flatMap(({ accountHash, storageRoot }) => {
    return storageRoot ? [{ accountHash, storageRoot }] : []
  })
}
const contracts = await contractsWithStorage()

async function slots(claim: SlotsClaim, bytes: number) {
  return encodeMessage(
    await handler({
      ...{ kind: 'GetStorageRanges', id: 7n, root, bytes },
      accounts: claim.contracts.map(({ accountHash }) => accountHash),
      origin: claim.chunk?.first ?? new Uint8Array(),
      limit: claim.chunk?.last ?? new Uint8Array(),
    }),
  )
}

/** The outcome of an attempt, a value or an error. */
function outcome<Value>(attempt: () => Value) {
  try {
    return { value: attempt() }
  } catch (error) {
    return { error: String(error) }
  }
}

function bothAccounts(frame: Uint8Array, claim: AccountsClaim) {
  const answer = outcome(() => answerFrame<AccountRange>(frame))
  const { value } = answer
  if (value?.kind !== 'AccountRange') return
  const expected = outcome(() => verifyAccounts(value, claim, js))
  for (const verifier of wasm) {
    // Of its own, as what is verified lies in it.
    const own = answerFrame<AccountRange>(frame.slice())
    const found = outcome(() => verifyAccounts(own, claim, verifier))
    if (expected.error !== undefined && found.error !== undefined) {
      // Was decoded after it was refused.
      expect(own.frame).toEqual(frame)
      continue
    }
    expect(found).toEqual(expected)
    if (expected.value === undefined) expect(verifier.readAccounts(own, claim)).toBeUndefined()
  }
}

function bothSlots(frame: Uint8Array, claim: SlotsClaim) {
  const answer = outcome(() => answerFrame<StorageRanges>(frame))
  const { value } = answer
  if (value?.kind !== 'StorageRanges') return
  const expected = outcome(() => verifySlots(value, claim, js))
  for (const verifier of wasm) {
    const found = outcome(() => verifySlots(value, claim, verifier))
    if (expected.error !== undefined && found.error !== undefined) continue
    expect(found).toEqual(expected)
    if (expected.value === undefined) expect(verifier.readSlots(value, claim)).toBeUndefined()
  }
}

/** Some bytes are others, more or fewer. */
function damaged(frame: Uint8Array, random: SeededRandom): Uint8Array {
  const at = random.below(frame.length)
  const rest = frame.subarray(at)
  switch (random.below(5)) {
    case 0:
      return frame.subarray(0, at)
    case 1:
      return Uint8Array.of(...frame.subarray(0, at), random.below(256), ...rest)
    case 2:
      return Uint8Array.of(...frame.subarray(0, at), ...rest.subarray(1))
    default:
      return frame.with(at, frame[at]! ^ (1 << random.below(8)))
  }
}

describe('an answer with accounts', () => {
  it.each(wasm.map((verifier) => [verifier.build, verifier] as const))(
    'is read in one go by %s',
    async (_, verifier) => {
      const random = new SeededRandom(1)
      for (let round = 0; round < 200; round++) {
        const origin = round % 5 === 0 ? FIRST : random.bytes(32)
        const last =
          round % 7 === 0
            ? LAST
            : random.bytes(32).with(0, Math.min(255, origin[0]! + random.below(40)))
        const frame = await accounts(origin, last, 1 + random.below(40_000))
        const answer = answerFrame<AccountRange>(frame)
        if (answer.decode().accounts.count === 0) continue
        const claim = { root, origin, last }
        const expected = verifyAccounts(answerFrame(frame.slice()), claim, js)
        const verified = verifier.readAccounts(answer, claim)
        expect(verified).toEqual(expected)
        expect(verified?.accounts.values.buffer).toBe(frame.buffer)
      }
    },
  )

  it('lists the contracts of those that are kept, with what they have', async () => {
    const frame = await accounts(FIRST, LAST, 2 ** 20)
    const all = answerFrame<AccountRange>(frame.slice()).decode().accounts
    // Everything but the last hundred.
    const claim = { root, origin: FIRST, last: leafKey(all, 499).slice() }
    for (const verifier of [...wasm, js]) {
      const verified = verifyAccounts(answerFrame(frame.slice()), claim, verifier)!
      expect(verified.accounts.count).toBe(500)
      expect(verified.lastKey).toEqual(leafKey(all, 599))
      expect(verified.more).toBe(false)
      const listed = new Map(verified.contracts.map((it) => [it.index, it]))
      for (let index = 0; index < 500; index++) {
        const account = decodeSlimAccount(leafValue(all, index))
        const has = (hash: Uint8Array, empty: Uint8Array) =>
          String(hash) === String(empty) ? {} : hash
        const plain = decodeSlimAccount(Uint8Array.of(0xc4, 0x80, 0x80, 0x80, 0x80))
        const isPlain =
          has(account.storageRoot, plain.storageRoot) !== account.storageRoot &&
          has(account.codeHash, plain.codeHash) !== account.codeHash
        expect(listed.has(index)).toBe(!isPlain)
        const found = listed.get(index)
        if (found?.storageRoot) expect(found.storageRoot).toEqual(account.storageRoot)
        if (found?.codeHash) expect(found.codeHash).toEqual(account.codeHash)
      }
    }
  })

  it('may be the whole state without a proof, and only from its beginning', async () => {
    const whole = answerFrame<AccountRange>(await accounts(FIRST, LAST, 2 ** 20)).decode()
    const frame = encodeMessage({ ...whole, proof: [] })
    bothAccounts(frame, { root, origin: FIRST, last: LAST })
    expect(
      wasm[0]!.readAccounts(answerFrame(frame.slice()), { root, origin: FIRST, last: LAST }),
    ).toBeDefined()
    const origin = FIRST.with(31, 1)
    bothAccounts(frame, { root, origin, last: LAST })
    expect(() =>
      verifyAccounts(answerFrame(frame), { root, origin, last: LAST }, wasm[0]!),
    ).toThrow()
  })

  it(`with damage comes to the same in every build (seed ${SEED})`, async () => {
    const random = new SeededRandom(SEED)
    for (let round = 0; round < 1_500; round++) {
      const origin = random.bytes(32)
      const frame = await accounts(origin, LAST, 1 + random.below(1_500))
      bothAccounts(damaged(frame, random), { root, origin, last: LAST })
    }
  })

  it('of another root, or from another origin, is refused with the same words', async () => {
    const origin = LAST.with(0, 0x40)
    const frame = await accounts(origin, LAST, 5_000)
    const words = (verifier: Verifier, claim: AccountsClaim) =>
      outcome(() => verifyAccounts(answerFrame(frame), claim, verifier)).error
    for (const claim of [
      { root: root.with(3, 1), origin, last: LAST },
      { root, origin: nextHash(LAST.with(0, 0x60))!, last: LAST },
    ]) {
      for (const verifier of wasm)
        expect(words(verifier, claim)).toMatch(/RangeProofError|RANGE|range|proof/i)
    }
  })
})

it.each(['simd', 'plain'] as const)(
  'a list of what is no pair takes no room for a million of them in %s',
  async (build) => {
    const own = (await createVerifier({ build })) as Verifier & { memorySize: number }
    const items = { rlp: new Uint8Array(2 ** 20).fill(1) }
    const fill = (kind: 'AccountRange' | 'StorageRanges') => {
      const list = kind === 'AccountRange' ? [items] : [[items]]
      const frame = encodeRlp([1n, list, []], 1)
      frame[0] = SNAP_KINDS.indexOf(kind)
      return frame
    }
    const claim = { root, origin: FIRST, last: LAST }
    const accounts = answerFrame<AccountRange>(fill('AccountRange'))
    expect(own.readAccounts(accounts, claim)).toBeUndefined()
    const [contract] = contracts
    const slots = answerFrame<StorageRanges>(fill('StorageRanges'))
    expect(own.readSlots(slots, { contracts: [contract!], chunk: undefined })).toBeUndefined()
    expect(own.memorySize).toBeLessThan(8 * 2 ** 20)
  },
)

describe('an answer with slots', () => {
  it.each(wasm.map((verifier) => [verifier.build, verifier] as const))(
    'is read in one go by %s',
    async (_, verifier) => {
      const random = new SeededRandom(2)
      let parts = 0
      for (let round = 0; round < 200; round++) {
        const from = random.below(contracts.length)
        const asked = contracts.slice(from, from + 1 + random.below(150))
        const first = random.bytes(32)
        const last = random.bytes(32).with(0, Math.min(255, first[0]! + random.below(90)))
        const isChunk = round % 4 === 0
        const claim: SlotsClaim = isChunk
          ? { contracts: asked.slice(0, 1), chunk: { first, last } }
          : { contracts: asked, chunk: undefined }
        const answer = answerFrame<StorageRanges>(await slots(claim, 1 + random.below(30_000)))
        const lists = answer.decode().slots
        if (lists.length === 0 || lists.some(({ count }) => count === 0)) continue
        const verified = verifier.readSlots(answer, claim)
        expect(verified).toEqual(verifySlots(answer, claim, js))
        expect(verified).toBeDefined()
        if (verified?.more) parts++
      }
      expect(parts).toBeGreaterThan(10)
    },
  )

  it('without slots is a proof that there are none', async () => {
    const large = contracts.slice(0, 1)
    const chunk = { first: LAST.with(31, 0xfe), last: LAST }
    const frame = await slots({ contracts: large, chunk }, 1_000)
    for (const verifier of [...wasm, js]) {
      const verified = verifySlots(answerFrame(frame), { contracts: large, chunk }, verifier)
      expect(verified).toMatchObject({
        contracts: 1,
        lastCount: 0,
        lastKey: undefined,
        more: false,
      })
    }
  })

  it(`with damage comes to the same in every build (seed ${SEED})`, async () => {
    const random = new SeededRandom(SEED)
    for (let round = 0; round < 1_500; round++) {
      const from = random.below(contracts.length)
      const isChunk = random.below(3) === 0
      const claim: SlotsClaim = isChunk
        ? {
            contracts: contracts.slice(from, from + 1),
            chunk: { first: random.bytes(32), last: LAST },
          }
        : { contracts: contracts.slice(from, from + 1 + random.below(8)), chunk: undefined }
      const frame = await slots(claim, 1 + random.below(1_500))
      bothSlots(damaged(frame, random), claim)
      if (!isChunk && claim.contracts.length > 1) {
        // Another's storage root.
        const swapped = claim.contracts.map((it, index) => {
          return {
            ...it,
            storageRoot: claim.contracts[(index + 1) % claim.contracts.length]!.storageRoot,
          }
        })
        bothSlots(frame, { ...claim, contracts: swapped })
      }
    }
  })

  it('in which nobody has anything is nothing', () => {
    const frame = encodeMessage({ kind: 'StorageRanges', id: 1n, slots: [], proof: [] })
    const claim = { contracts: contracts.slice(0, 2), chunk: undefined }
    for (const verifier of [...wasm, js]) {
      expect(verifySlots(answerFrame(frame), claim, verifier)).toBeUndefined()
    }
  })
})
