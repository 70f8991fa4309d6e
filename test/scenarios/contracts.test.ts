import { beforeAll, describe, expect, it } from 'vitest'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { capped } from '../support/peers/handlers.ts'
import { servedStates } from '../support/peers/servedStates.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import {
  type AccountSketch,
  codeOf,
  crowdedSlots,
  hashOf,
  plainAccounts,
  type Sketches,
  slotsOf,
  stateOf,
} from '../support/sync/accounts.ts'
import type { StateTruth } from '../support/sync/StateTruth.ts'
import { type Moment, SyncFixture } from '../support/sync/SyncFixture.ts'

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

function bench(...truths: StateTruth[]): SyncFixture {
  const handler = capped(servedStates(...truths), 700)
  return new SyncFixture({ verifier, peers: new TestPeers({ a: handler }) })
}

const NAME = '5-contract'
/** Accounts on both sides of the contract, in its chunk and in others. */
const AROUND: Sketches = { ...plainAccounts(40), '5-0': { slots: slotsOf(90, 2) }, '5-z': {} }

/** How the contract is before the root moves, and how it is after. */
const SMALL: AccountSketch = { slots: slotsOf(1, 9), code: codeOf(1) }
const LARGE: AccountSketch = { slots: crowdedSlots(2, 300), code: codeOf(1) }

const BEFORE: [string, AccountSketch | undefined][] = [
  ['a small contract', SMALL],
  ['a large contract', LARGE],
]

const AFTER: [string, (before: AccountSketch) => AccountSketch | undefined][] = [
  ['shrinks to nothing', ({ code }) => ({ code: code! })],
  ['shrinks to one slot', ({ code, slots }) => ({ code: code!, slots: slots!.slice(-1) })],
  ['vanishes', () => undefined],
  ['becomes a plain account', () => ({ balance: 3n })],
  ['changes its code', (before) => ({ ...before, code: codeOf(5, 300) })],
  ['loses its code', ({ slots }) => ({ slots: slots! })],
  ['changes all of its slots', ({ code }) => ({ code: code!, slots: crowdedSlots(3, 200) })],
  ['changes a slot at its end', ({ code, slots }) => ({ code: code!, slots: changedEnd(slots!) })],
  ['grows', ({ code, slots }) => ({ code: code!, slots: [...slots!, ...slotsOf(4, 200)] })],
  ['stays as it is', (before) => before],
]

function changedEnd(slots: NonNullable<AccountSketch['slots']>) {
  const sorted = [...slots].sort(([a], [b]) => Buffer.compare(a, b))
  const [slot, value] = sorted.at(-1)!
  return [...sorted.slice(0, -1), [slot, value + 1n] as const]
}

function changedStart(slots: NonNullable<AccountSketch['slots']>) {
  const [first, ...rest] = [...slots].sort(([a], [b]) => Buffer.compare(a, b))
  const [slot, value] = first!
  return [[slot, value + 1n] as const, ...rest]
}

/** How much of the contract has come when the root moves. */
const MOMENTS: [string, () => (moment: Moment) => boolean][] = [
  ['before its account was fetched', () => asksFor('GetAccountRange')],
  ['before its storage was fetched', () => asksFor('GetStorageRanges')],
  ['when a part of it was stored', () => stores(1)],
  ['in mid-chunk', () => stores(12)],
  ['before its code was fetched', () => asksFor('GetByteCodes')],
  [
    'when all of it was completed',
    () =>
      ({ phase }) =>
        phase === 'verify',
  ],
]

function asksFor(kind: string) {
  return ({ asked }: Moment) => asked?.kind === kind
}

/** Answers of the contract's slots that are in the store. */
function stores(count: number) {
  const hash = hashOf(NAME)
  let left = count
  return ({ phase, committed }: Moment) => {
    const isPart = committed?.removeSlots?.some(({ first }) => {
      return Buffer.compare(first.subarray(0, 32), hash) === 0
    })
    return phase === 'verify' || (isPart === true && --left === 0)
  }
}

describe.each(BEFORE)('between two roots, %s', (_, before) => {
  describe.each(AFTER)('%s', (_, change) => {
    const first = stateOf({ ...AROUND, [NAME]: before })
    const second = stateOf({ ...AROUND, 'plain 3': { balance: 77n }, [NAME]: change(before!) })

    it.each(MOMENTS)('%s', async (_, moment) => {
      const run = bench(first, second)
      await run.interrupt(first, moment())
      await run.sync(second)
      await run.expectComplete(second)
    })

    it('after it was completed, and comes back', async () => {
      const run = bench(first, second)
      await run.sync(first)
      await run.sync(second)
      await second.expectStored(run.store.completed, { formerCodes: true })
      await run.sync(first)
      await run.expectComplete(first)
    })
  })
})

describe('a contract that appears between two roots', () => {
  const first = stateOf(AROUND)
  const second = stateOf({ ...AROUND, [NAME]: LARGE, '5-a': SMALL, 'c-new': SMALL })

  it.each([
    ['while accounts are downloaded', asksFor('GetAccountRange')],
    ['while storage is downloaded', asksFor('GetStorageRanges')],
    ['when all was downloaded', ({ phase }: Moment) => phase === 'verify'],
  ])('%s', async (_, moment) => {
    const run = bench(first, second)
    await run.interrupt(first, moment)
    await run.sync(second)
    await run.expectComplete(second)
  })
})

describe('an account whose storage is missing under hashes that match', () => {
  it('is healed, as the journal names it', async () => {
    const first = stateOf({ ...AROUND, [NAME]: LARGE })
    const second = stateOf({
      ...AROUND,
      [NAME]: { ...LARGE, slots: changedStart(LARGE.slots!) },
    })
    const run = bench(first, second)
    // The first slots are of the first root, the others of the second, as the account is: they make
    // up neither storage root.
    await run.interrupt(first, stores(3))
    await run.interrupt(second, ({ phase }) => phase === 'heal')
    const marks = [...(await run.store.journal()).keys()].filter((name) => name.startsWith('heal/'))
    expect(marks).toEqual([`heal/${Buffer.from(hashOf(NAME)).toString('hex')}`])
    await run.sync(second)
    await run.expectComplete(second)
  })

  it('is healed by a heal that goes on after one that was interrupted in its storage', async () => {
    const first = stateOf({ ...AROUND, [NAME]: LARGE })
    const slots = LARGE.slots!.map(([slot, value]) => [slot, value + 1n] as const)
    const second = stateOf({ ...AROUND, [NAME]: { ...LARGE, slots } })
    const run = bench(first, second)
    await run.sync(first)
    let nodes = 0
    await run.interrupt(second, ({ asked }) => asked?.kind === 'GetTrieNodes' && ++nodes === 4)
    await run.sync(first)
    await run.sync(second)
    await run.expectComplete(second)
  })
})
