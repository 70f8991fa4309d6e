import { beforeAll, describe, expect, it } from 'vitest'
import type { SnapHandler } from '../../src/snap/server/serveSnap.ts'
import { MemoryBackend } from '../../src/store/backend/MemoryBackend.ts'
import type { StoreBackend } from '../../src/store/backend/StoreBackend.ts'
import { readJournal } from '../../src/sync/journal/Journal.ts'
import { noCounts } from '../../src/sync/progress/counts.ts'
import { readCounts } from '../../src/sync/progress/countsRecord.ts'
import { coveredFraction } from '../../src/sync/progress/coveredFraction.ts'
import type { Progress } from '../../src/sync/progress/Progress.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { alwaysHeal } from '../support/heal/alwaysHeal.ts'
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
import { type Moment, SyncFixture } from '../support/sync/SyncFixture.ts'
import { virtualClock } from '../support/sync/virtualClock.ts'

alwaysHeal()

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

const contracts = (seed: number): Sketches =>
  Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => {
      const slots = slotsOf(seed + index, 1 + (index % 9))
      return [`contract ${index}`, { code: codeOf(seed + index, 200), slots }]
    }),
  )
const FIRST: Sketches = {
  ...plainAccounts(300),
  ...contracts(1),
  '7-large': { slots: crowdedSlots(1, 300) },
}
const first = stateOf(FIRST)
const second = stateOf({ ...FIRST, ...plainAccounts(40, 5n), ...contracts(9) })
const third = stateOf({ ...FIRST, ...plainAccounts(3, 5n) })

/** A peer that takes 130 ms for each answer. */
function bench(backend: StoreBackend = new MemoryBackend()): SyncFixture {
  const clock = virtualClock()
  const honest = capped(servedStates(first, second, third), 900)
  const slow: SnapHandler = async (request) => {
    await new Promise<void>((resolve) => clock.timers.setTimeout(resolve, 130))
    return honest(request)
  }
  return new SyncFixture({ verifier, backend, clock, stepMs: 30, peers: new TestPeers({ slow }) })
}

/** Events of one phase after the other: what was entered again is another one. */
function phasesOf(events: readonly Progress[]): Progress[][] {
  const phases: Progress[][] = []
  for (const event of events) {
    if (phases.at(-1)?.at(-1)?.phase === event.phase) phases.at(-1)!.push(event)
    else phases.push([event])
  }
  return phases
}

const rising = (values: readonly number[]) =>
  values.every((value, index) => index === 0 || value >= values[index - 1]!)

function expectSane(events: readonly Progress[]): void {
  for (const phase of phasesOf(events)) {
    const fractions = phase.map(({ fraction }) => fraction)
    expect(rising(fractions), `${phase[0]!.phase} ${fractions}`).toBe(true)
    expect(fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true)
  }
  for (const count of ['bytes', 'elapsedMs'] as const) {
    expect(rising(events.map((event) => event[count]))).toBe(true)
  }
  const times = events.map(({ elapsedMs }) => elapsedMs)
  for (const [index, time] of times.entries()) {
    expect((times[index + 10] ?? Number.POSITIVE_INFINITY) - time).toBeGreaterThanOrEqual(1_000)
  }
}

/** Every number of a progress, by its name. */
function numbersOf(object: object): [name: string, value: number][] {
  return Object.entries(object).flatMap(([name, value]): [string, number][] => {
    if (typeof value === 'number') return [[name, value]]
    if (typeof value !== 'object') return []
    return numbersOf(value).map(([inner, count]) => [`${name}.${inner}`, count])
  })
}

/** Storage requests so far. */
let late = 0

describe('progress', () => {
  it('rises within each phase, has all fields, and comes ten times a second at most', async () => {
    const run = bench()
    await run.sync(first)
    await run.sync(second)
    expectSane(run.events)
    const phases = phasesOf(run.events)
    // No time passes while so little is verified, and ten events a second may be over by then.
    const names = phases.map(([event]) => event!.phase).filter((phase) => phase !== 'verify')
    expect(names).toEqual(['download', 'complete', 'heal', 'complete'])
    for (const name of ['download', 'heal']) {
      expect(phases.find(([event]) => event!.phase === name)!.length).toBeGreaterThan(5)
    }
    const filled = new Set(
      run.events.flatMap((event) =>
        numbersOf(event).flatMap(([name, value]) => (value > 0 ? [name] : [])),
      ),
    )
    // A fixed root has no pivot, which never moves.
    const all = numbersOf({ ...run.events[0]!, etaSeconds: 1 }).map(([name]) => name)
    expect(all.filter((name) => !filled.has(name))).toEqual(['pivotMoves'])
    const { accounts, slots } = await run.store.completed.totals()
    expect(run.events.at(-1)).toMatchObject({ phase: 'complete', fraction: 1, accounts, slots })
    await run.expectComplete(second)
  })

  it('counts what came: all of a download, and of a heal no more than was asked for', async () => {
    const run = bench()
    await run.sync(first)
    const { accounts, slots, codes } = await run.store.completed.totals()
    expect(run.events.at(-1)!.synced).toMatchObject({ accounts, slots, codes })
    await run.sync(second)
    const { synced, healed, healing } = run.events.at(-1)!
    expect(synced).toMatchObject({ accounts, slots, codes })
    const nodes = run.peers.exchanges.flatMap(({ response }) => {
      return response?.kind === 'TrieNodes' ? response.nodes : []
    })
    const nodeBytes = nodes.reduce((sum, { length }) => sum + length, 0)
    expect(healed).toMatchObject({ nodes: nodes.length, nodeBytes, accounts: 70 })
    expect(healing).toEqual({ nodes: 0, codes: 0 })
    await run.expectComplete(second)
  })

  it.each<[string, (moment: Moment) => boolean]>([
    ['early', ({ asked }) => asked?.kind === 'GetStorageRanges'],
    ['in the midst', ({ asked }) => asked?.kind === 'GetStorageRanges' && ++late > 25],
  ])('is right again after a sync that was interrupted %s', async (_, moment) => {
    late = 0
    const run = bench()
    await run.interrupt(first, moment)
    const last = run.events.at(-1)!
    run.abandon()
    const { tasks } = readJournal(await run.store.journal())
    const next = bench(run.backend)
    await next.sync(first)
    const begin = next.events[0]!
    expect(begin.phase).toBe('download')
    expect(begin.fraction).toBe(coveredFraction(tasks))
    expect(begin.fraction).toBeGreaterThanOrEqual(last.fraction)
    expectSane(next.events)
    await next.expectComplete(first)
  })

  it('counts on after a restart, and tells what the run itself brought', async () => {
    late = 0
    const run = bench()
    await run.interrupt(first, ({ asked }) => asked?.kind === 'GetStorageRanges' && ++late > 25)
    run.abandon()
    const stored = readCounts(await run.store.journal())
    expect(stored.synced.slots).toBeGreaterThan(0)
    const { accounts, slots, codes } = await run.store.working.totals()
    expect(stored.synced).toMatchObject({ accounts, slots, codes })

    const next = bench(run.backend)
    await next.sync(first)
    const downloaded = next.events.at(-1)!
    const all = await next.store.completed.totals()
    const whole = { accounts: all.accounts, slots: all.slots, codes: all.codes }
    expect(downloaded.synced).toMatchObject(whole)
    expect(downloaded.thisRun.synced.slots).toBe(all.slots - stored.synced.slots)
    expect(downloaded.thisRun.synced.slotBytes).toBe(
      downloaded.synced.slotBytes - stored.synced.slotBytes,
    )
    next.abandon()

    const last = bench(run.backend)
    await last.sync(second)
    const { synced, healed, thisRun } = last.events.at(-1)!
    expect(synced).toEqual(downloaded.synced)
    expect(thisRun).toEqual({ synced: noCounts().synced, healed })
    const { accounts: written, accountBytes, slotBytes } = healed
    expect(written).toBe(70)
    // A hash of 32 bytes and a slim body for each account; two hashes and a value for each slot.
    expect(accountBytes).toBeGreaterThan(written * 36)
    expect(accountBytes).toBeLessThan(written * (32 + 110))
    expect(slotBytes).toBeGreaterThanOrEqual(healed.slots * 65)
    expect(slotBytes).toBeLessThanOrEqual(healed.slots * 97)
    expect(readCounts(await last.store.journal())).toEqual({ synced, healed })
    await last.expectComplete(second)
  })

  it('has a total in a heal: what is equal is known from its first nodes on', async () => {
    const run = bench()
    await run.sync(first)
    run.events.length = 0
    await run.sync(third)
    const heal = phasesOf(run.events).find(([event]) => event!.phase === 'heal')!
    expect(heal[0]!.fraction).toBe(0)
    const told = heal.find(({ fraction }) => fraction > 0)!
    // The root names sixteen subtries. At most three of them differ.
    expect(told.fraction).toBeGreaterThanOrEqual(13 / 16)
    expect(told.healed.nodes).toBeLessThan(run.events.at(-1)!.healed.nodes)
    await run.expectComplete(third)
  })
})
