import { beforeAll, describe, expect, it } from 'vitest'
import type { SnapRequest } from '../../src/snap/SnapMessage.ts'
import type { Phase } from '../../src/sync/progress/Progress.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { capped } from '../support/peers/handlers.ts'
import { servedStates } from '../support/peers/servedStates.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import {
  codeOf,
  crowdedSlots,
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

/** A state with everything in it: plain accounts, small contracts, a large one, shared code. */
const FIRST: Sketches = {
  ...plainAccounts(60),
  '3-large': { slots: crowdedSlots(1, 500), code: codeOf(1) },
  '5-small': { slots: slotsOf(2, 3), code: codeOf(2) },
  '5-other': { slots: slotsOf(3, 12), code: codeOf(2) },
  '9-shrinks': { slots: slotsOf(4, 8), code: codeOf(3) },
  'c-code': { code: codeOf(4, 500) },
}

/** The same some blocks later: most is as it was, and of each kind something changed. */
const SECOND: Sketches = {
  ...FIRST,
  ...plainAccounts(5, 7n),
  'plain 40': undefined,
  '3-large': { slots: crowdedSlots(1, 500).with(300, slotsOf(9, 1)[0]!), code: codeOf(1) },
  '5-small': { slots: slotsOf(2, 2), code: codeOf(2) },
  '9-shrinks': { slots: slotsOf(4, 1), code: codeOf(3) },
  'a-new': { slots: slotsOf(6, 30), code: codeOf(6, 700) },
  'c-code': { code: codeOf(7, 500) },
}

const THIRD: Sketches = {
  ...SECOND,
  ...plainAccounts(3, 9n),
  '3-large': { slots: crowdedSlots(1, 490), code: codeOf(1) },
  'a-new': undefined,
  'e-late': { slots: slotsOf(8, 5), code: codeOf(8, 900) },
}

const first = stateOf(FIRST)
const second = stateOf(SECOND)
const third = stateOf(THIRD)
const smaller = stateOf({ ...plainAccounts(4), '5-small': FIRST['5-small'] })
const empty = stateOf({})
const single = stateOf({ '7-only': { balance: 5n, slots: slotsOf(1, 2), code: codeOf(1) } })

/** Answers are short, so that each phase takes many of them. */
const served = capped(servedStates(first, second, third, smaller, empty, single), 700)

function bench(): SyncFixture {
  return new SyncFixture({ verifier, peers: new TestPeers({ a: served, b: served }) })
}

type Asked<Kind extends SnapRequest['kind']> = Extract<SnapRequest, { kind: Kind }>

/** Request number `nth` of a kind, in a phase. */
function request<Kind extends SnapRequest['kind']>(
  phase: Phase,
  kind: Kind,
  nth = 1,
  such: (asked: Asked<Kind>) => boolean = () => true,
): (moment: Moment) => boolean {
  let left = nth
  return (moment) => {
    if (moment.phase !== phase || moment.asked?.kind !== kind) return false
    return such(moment.asked as Asked<Kind>) && --left === 0
  }
}

const isChunk = ({ origin }: Asked<'GetStorageRanges'>) => origin.length > 0

/** Every phase while the first root is downloaded, and while the second is healed. */
const DOWNLOAD: [string, () => (moment: Moment) => boolean][] = [
  ['before anything has come', () => request('download', 'GetAccountRange', 1)],
  // Of sixteen; eight may be in flight, to two peers.
  ['while accounts are downloaded', () => request('download', 'GetAccountRange', 15)],
  [
    'while storage of small contracts is',
    () => request('download', 'GetStorageRanges', 3, (asked) => !isChunk(asked)),
  ],
  [
    'in the midst of the chunks of a large contract',
    () => request('download', 'GetStorageRanges', 12, isChunk),
  ],
  ['while codes are downloaded', () => request('download', 'GetByteCodes', 2)],
  [
    'while the download is verified',
    () =>
      ({ phase }) =>
        phase === 'verify',
  ],
]

const HEAL: [string, () => (moment: Moment) => boolean][] = [
  ['at the root', () => request('heal', 'GetTrieNodes', 1)],
  ['while nodes are healed', () => request('heal', 'GetTrieNodes', 5)],
  ['while codes are healed', () => request('heal', 'GetByteCodes', 1)],
  [
    'while the healed state is verified',
    () =>
      ({ phase }) =>
        phase === 'verify',
  ],
]

const TARGETS: [string, StateTruth][] = [
  ['the next root', second],
  ['a root with a smaller state', smaller],
  ['the empty root', empty],
  ['a state of one account', single],
]

describe('the root moves', () => {
  describe.each(DOWNLOAD)('%s', (_, moment) => {
    it.each(TARGETS)('to %s', async (_, target) => {
      const run = bench()
      await run.interrupt(first, moment())
      await run.sync(target)
      await run.expectComplete(target)
    })

    it('and back', async () => {
      const run = bench()
      await run.interrupt(first, moment())
      await run.interrupt(second, ({ asked }) => asked !== undefined)
      await run.sync(first)
      await run.expectComplete(first)
    })
  })

  describe.each(HEAL)('of a completed state, %s', (_, moment) => {
    it.each([...TARGETS, ['the root after the next', third] as const])(
      'to %s',
      async (_, target) => {
        const run = bench()
        await run.sync(first)
        await run.interrupt(second, moment())
        await first.expectStored(run.store.completed, { formerCodes: true })
        await run.sync(target)
        await run.expectComplete(target)
      },
    )

    it('back to the completed root, which asks nobody, and on', async () => {
      const run = bench()
      await run.sync(first)
      await run.interrupt(second, moment())
      const asked = run.peers.exchanges.length
      await run.sync(first)
      expect(run.peers.exchanges.length).toBe(asked)
      await first.expectStored(run.store.completed, { formerCodes: true })
      await run.sync(third)
      await run.expectComplete(third)
    })
  })

  it.each(DOWNLOAD.slice(1))('%s, and again while the state is healed', async (_, moment) => {
    const run = bench()
    await run.interrupt(first, moment())
    await run.interrupt(second, request('heal', 'GetTrieNodes', 2))
    await run.sync(third)
    await run.expectComplete(third)
  })

  it('to the empty root in mid-chunk, and back when all that was stored is cleared', async () => {
    const run = bench()
    await run.interrupt(first, request('download', 'GetStorageRanges', 12, isChunk))
    await run.interrupt(
      empty,
      ({ phase, committed }) => phase === 'heal' && committed !== undefined,
    )
    expect(await run.store.working.totals()).toMatchObject({ accounts: 0, slots: 0 })
    await run.sync(first)
    await run.expectComplete(first)
  })

  it('twice in a row before anybody has answered', async () => {
    const run = bench()
    await run.interrupt(first, ({ asked }) => asked !== undefined)
    await run.interrupt(second, ({ asked }) => asked !== undefined)
    await run.sync(third)
    await run.expectComplete(third)
  })

  it('from the empty state to one account, to many, to one and to the empty state', async () => {
    const run = bench()
    for (const target of [empty, single, first, single, empty, second]) {
      await run.sync(target)
      await target.expectStored(run.store.completed, { formerCodes: true })
    }
    await run.expectComplete(second)
  })

  it.each([
    ['the empty root', empty],
    ['a state of one account', single],
    ['a root', first],
  ])('to %s once more: it finishes at once and asks nobody', async (_, target) => {
    const run = bench()
    await run.sync(target)
    const asked = run.peers.exchanges.length
    const completion = await run.store.completion()
    await run.sync(target)
    expect(run.peers.exchanges.length).toBe(asked)
    expect(await run.store.completion()).toEqual(completion)
    expect(run.events.at(-1)).toMatchObject({ phase: 'complete', fraction: 1 })
    await run.expectComplete(target)
  })

  it('to the empty root: no peer is asked, nor needed', async () => {
    const run = new SyncFixture({ verifier, peers: new TestPeers() })
    await run.sync(empty)
    await run.expectComplete(empty)
  })
})
