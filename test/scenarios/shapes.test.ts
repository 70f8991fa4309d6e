import { beforeAll, describe, expect, it } from 'vitest'
import { fromHex } from '../../src/base/bytes/hex.ts'
import { bytesToNibbles } from '../../src/trie/nibbles.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { alwaysHeal } from '../support/heal/alwaysHeal.ts'
import { capped } from '../support/peers/handlers.ts'
import { servedStates } from '../support/peers/servedStates.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import { hashOf, plainAccounts, type Slots, slotsOf, stateOf } from '../support/sync/accounts.ts'
import type { StateTruth } from '../support/sync/StateTruth.ts'
import { SyncFixture } from '../support/sync/SyncFixture.ts'

alwaysHeal()

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

const WIDE = 2n ** 255n - 19n

/** A slot whose hash is `prefix`, then zeros, then `suffix`. */
function slot(prefix: string, suffix: string, value = 1n): Slots[number] {
  return [fromHex(`0x${prefix.padEnd(64 - suffix.length, '0')}${suffix}`, 'slot', 32), value]
}

const DIGITS = [...'0123456789abcdef']

/**
 * Storage tries of all shapes: leaves, branches and extensions, embedded and hashed, at the top and
 * far down.
 */
const SHAPES: Record<string, Slots> = {
  nothing: [],
  'one small leaf': [slot('', '1')],
  'one small leaf elsewhere': [slot('f', '1')],
  'one large leaf': [slot('', '1', WIDE)],
  'two embedded leaves': [slot('', '1'), slot('', '2')],
  'two embedded leaves, another value': [slot('', '1', 2n), slot('', '2')],
  'a branch of sixteen embedded leaves': DIGITS.map((digit) => slot('', digit)),
  'an embedded leaf beside a large one': [slot('', '1'), slot('', '2', WIDE)],
  'an embedded branch': [slot('', '10'), slot('', '20'), slot('', '21')],
  'branches in branches': DIGITS.flatMap((a) => DIGITS.slice(0, 3).map((b) => slot('', a + b))),
  'a fork at the top': [slot('0', '1'), slot('8', '1')],
  'a fork at the top over forks': ['0', '8'].flatMap((top) => [slot(top, '1'), slot(top, '2')]),
  'a fork in the middle of an extension': [slot('', '1'), slot('0000000f', '1')],
  'a fork at each nibble': [
    slot('', '1'),
    ...DIGITS.map((_, at) => slot('0'.repeat(4 * at), 'f'.repeat(64 - 4 * at))),
  ],
  'wide and flat': DIGITS.map((digit) => slot(digit, '1', WIDE)),
  'wide and flat without one': DIGITS.slice(1).map((digit) => slot(digit, '1', WIDE)),
}

/** One contract for each pair of shapes: as the first of them before, and as the second after. */
const PAIRS = Object.entries(SHAPES).flatMap(([from, before]) =>
  Object.entries(SHAPES).map(([to, after]) => ({ name: `${from}, then ${to}`, before, after })),
)

function bench(peer = servedStates(...known)): SyncFixture {
  return new SyncFixture({ verifier, peers: new TestPeers({ peer }) })
}

const known: StateTruth[] = []
const made = (...[sketches]: Parameters<typeof stateOf>) => {
  const truth = stateOf(sketches)
  known.push(truth)
  return truth
}

const byPair = (side: 'before' | 'after') =>
  made(Object.fromEntries(PAIRS.map((pair) => [pair.name, { slots: pair[side] }])))

describe('storage tries with embedded nodes', () => {
  const before = byPair('before')
  const after = byPair('after')

  it('have nodes of less than 32 bytes', () => {
    const state = before.state.source.state(before.root)!
    const embedded = PAIRS.filter(({ name, before: slots }) => {
      const trie = state.storage(hashOf(name))!
      return slots.some(([key]) => {
        const path = bytesToNibbles(key)
        return path.some((_, depth) => trie.node(path.subarray(0, depth)) === 'embedded')
      })
    })
    expect(embedded.length).toBeGreaterThan(PAIRS.length / 3)
  })

  it('are downloaded, and healed from every shape to every other', async () => {
    const run = bench()
    await run.sync(before)
    await before.expectStored(run.store.completed)
    await run.sync(after)
    await after.expectStored(run.store.completed)
    await run.sync(before)
    await run.expectComplete(before)
  })

  it('are healed where the root moves in the midst of their download, and of their healing', async () => {
    const run = bench(capped(servedStates(before, after), 1_500))
    await run.interrupt(before, () => run.peers.asked('GetStorageRanges').length > 3)
    let nodes = 0
    await run.interrupt(after, ({ asked }) => asked?.kind === 'GetTrieNodes' && ++nodes > 5)
    await run.sync(before)
    await run.expectComplete(before)
  })
})

/** Account hashes that fork at all depths, down to the last at which two accounts may. */
const CLOSE = [
  ...['4', '48', '480', '4800', '4800000000', '48000000000000000000'],
  ...[
    '0'.repeat(20),
    `${'0'.repeat(20)}1`,
    `${'0'.repeat(62)}1`,
    `${'0'.repeat(61)}1`,
    'f'.repeat(40),
  ],
].map((prefix) => `${prefix}-close`)

describe('the account trie', () => {
  const close = (balance: bigint, names = CLOSE) =>
    Object.fromEntries(names.map((name, at) => [name, { balance, slots: slotsOf(at, at % 3) }]))

  it('collapses and grows again at branches and extensions of all depths', async () => {
    const states = [
      made({ ...plainAccounts(10), ...close(1n) }),
      ...CLOSE.map((_, at) => made({ ...plainAccounts(10), ...close(1n, CLOSE.toSpliced(at, 1)) })),
      made({ ...plainAccounts(10), ...close(1n, CLOSE.slice(0, 2)) }),
      made(close(2n, CLOSE.slice(6, 8))),
      made(close(2n, CLOSE.slice(6, 7))),
      made({ ...plainAccounts(10), ...close(3n) }),
    ]
    const run = bench()
    for (const truth of states) {
      await run.sync(truth)
      await truth.expectStored(run.store.completed)
    }
    await run.expectComplete(states.at(-1)!)
  })
})

/** Some 120 KB of slots: pages of at most 32 KiB split and merge by the bits of their keys. */
const SLOTS = slotsOf(1, 1_600).map(([key]) => [key, WIDE] as const)

/** Which of the slots are there, by the first two bytes of their keys. */
const PAGES: [string, (key: number) => boolean][] = [
  ['all', () => true],
  ['the lower half', (key) => key < 0x8000],
  ['the upper half', (key) => key >= 0x8000],
  ['all but a quarter', (key) => key >> 14 !== 1],
  ['few in each eighth', (key) => (key & 0x1fff) < 0x100],
  [
    'all but what is next to the borders of eighths',
    (key) => (key & 0x1fff) > 0x80 && (key & 0x1fff) < 0x1f00,
  ],
  ['one stretch in the middle', (key) => key > 0x7000 && key < 0x9000],
  ['every other sixteenth', (key) => ((key >> 12) & 1) === 0],
  ['hardly any', (key) => key > 0xff00],
]

const pageNumber = (key: Uint8Array) => (key[0]! << 8) | key[1]!

describe('pages that split and merge between roots', () => {
  const contracts = PAGES.map(([, keep]) => {
    const slots = SLOTS.filter(([key]) => keep(pageNumber(key)))
    return made({ large: { slots }, other: { slots: slotsOf(2, 40) } })
  })

  it.each([0, 4, 6].map((index) => [PAGES[index]![0], index] as const))(
    'hold the slots of a contract: %s, then each other part, and back',
    async (_, index) => {
      const start = contracts[index]!
      const run = bench()
      for (const truth of [start, ...contracts.toSpliced(index, 1), start]) {
        await run.sync(truth)
        await truth.expectStored(run.store.completed)
      }
      await run.expectComplete(start)
    },
  )

  it('hold the accounts: all, then each part of them, and all again', async () => {
    const all = Object.entries(plainAccounts(1_500, 2n ** 80n))
    const states = PAGES.map(([, keep]) =>
      made(Object.fromEntries(all.filter(([name]) => keep(pageNumber(hashOf(name)))))),
    )
    const run = bench()
    for (const truth of [...states, states[0]!]) {
      await run.sync(truth)
      await truth.expectStored(run.store.completed)
    }
    await run.expectComplete(states[0]!)
  })
})
