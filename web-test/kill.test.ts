import { bytesToHex } from '@noble/hashes/utils.js'
import { afterAll, expect, test } from 'vitest'
import { servePages } from '../scripts/lib/browser/servePages.mjs'
import { compareBytes } from '../src/base/bytes/compareBytes.ts'
import { SeededRandom } from '../src/served/changing/SeededRandom.ts'
import type { SnapRequest } from '../src/snap/SnapMessage.ts'
import type { JournalState } from '../src/sync/journal/Journal.ts'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { crash } from './lib/Chromium.ts'
import { exampleUrl, heading, snapshot } from './lib/examplePage.ts'
import { type StoredState, storedState } from './lib/storedState.ts'
import { smallAnswers, syntheticState, Traffic, testBridge } from './lib/testBridge.ts'

const KILLS = 20
/**
 * Gives some 650 requests for the state below: more than 20 kills, each after some 23 requests, use
 * up.
 */
const ANSWER_BYTES = 1024
/**
 * Answers that can be on their way to the disk: 8 may wait for it before the sync asks for no more,
 * 9 are in flight then (4 for accounts, 4 for slots, one for codes), and one is being written. All
 * before them are committed.
 */
const MAX_UNCOMMITTED = 18
/**
 * Answers that may be delivered between the decision to kill and the end: the kill is not to be
 * bound to a request.
 */
const MAX_LATE = 6

const fixture = new BrowserFixture()
afterAll(() => fixture.end())

const random = new SeededRandom()

test(`a tab killed at ${KILLS} random points goes on from the last commit each time (seed ${random.seed})`, async () => {
  const state = syntheticState({ seed: random.seed, accounts: 6000, contracts: 0.1 })
  const all = new Traffic()
  const bridge = await testBridge(state, fixture.path('identity'), (handler) =>
    all.wrap(smallAnswers(ANSWER_BYTES)(handler)),
  )
  fixture.defer(() => bridge.stop())
  const pages = await servePages({ bridge: bridge.url, defer: fixture.defer })
  const url = (query: object) => exampleUrl(pages, 'kill', state.network, query)

  let asked = 0
  let repeated = 0
  let most = 0
  let losses = 0
  let died: 'page' | 'browser' | undefined
  const served = new Set<string>()
  /** Those of them that were committed long before the kill. */
  const settled = new Set<string>()
  for (let run = 0; run <= KILLS; run++) {
    const page = await fixture.newPage()
    await page.goto(url({}))
    await heading(page, 'Ready')
    const stored = await storedState(page)
    expect(stored.journal.damaged).toEqual([])
    if (asked > 0 && (await page.evaluate(() => indexedDB.databases())).length === 0) {
      // Chromium 156 sometimes has no database any more after all of it was killed; after a crash
      // of the page, never.
      expect(died).toBe('browser')
      served.clear()
      settled.clear()
      losses++
    }

    // What the page that was killed had asked for comes to its end meanwhile: nobody takes it in.
    for (const request of all.requests.slice(asked)) served.add(name(request))
    asked = all.requests.length

    const last = run === KILLS
    const point = asked + 1 + random.below(40)
    const reached = all.reached(point)
    if (!last) all.holdAfter(point + random.below(MAX_LATE + 1))
    await page.goto(url({ autostart: true }))
    if (last) {
      await heading(page, /^Verified/)
      await page.close()
    } else {
      await reached
      died = random.below(2) === 0 ? 'page' : 'browser'
      if (died === 'page') await crash(page)
      else await fixture.killChromium()
    }

    const requests = all.requests.slice(asked)
    const answered = requests.filter((request) => all.answered.has(request))
    asked = all.requests.length
    all.release()
    for (const request of requests) expectNotFinished(request, stored)
    expectFirstAtCursor(requests, stored.journal)
    const names = requests.map(name)
    expect(names.filter((request) => settled.has(request))).toEqual([])
    const again = names.filter((request) => served.has(request)).length
    expect(again).toBeLessThanOrEqual(MAX_UNCOMMITTED)
    repeated += again
    most = Math.max(most, again)
    for (const request of answered) served.add(name(request))
    for (const request of answered.slice(0, -MAX_UNCOMMITTED)) settled.add(name(request))
  }
  console.info(
    `${asked} requests, ${repeated} of them again, ${most} at most after a kill; databases lost by Chromium: ${losses}`,
  )

  await bridge.stop()
  const fresh = await fixture.newPage()
  await fresh.goto(url({ audit: true }))
  await expect
    .poll(async () => (await snapshot(fresh)).audit, { timeout: 60_000 })
    .toEqual({
      root: state.network.stateRoot,
      accounts: state.accounts,
      slots: state.slots,
      codes: state.codes,
    })
})

/** What a request asks for, apart from its id. */
function name(request: SnapRequest): string {
  switch (request.kind) {
    case 'GetAccountRange':
      return `accounts ${bytesToHex(request.origin)}`
    case 'GetStorageRanges':
      return `slots ${bytesToHex(request.accounts[0]!)} ${bytesToHex(request.origin)}`
    case 'GetByteCodes':
      return `codes ${bytesToHex(request.hashes[0]!)}`
    case 'GetTrieNodes':
      throw new Error('a sync to a fixed root asks for no nodes')
  }
}

function taskOf(journal: JournalState, hash: Uint8Array) {
  return journal.tasks[hash[0]! >> 4]!
}

/** Nothing that was on disk when the page opened may be asked for. */
function expectNotFinished(request: SnapRequest, { journal, codes }: StoredState): void {
  const finished = (cursor: Uint8Array | undefined, hash: Uint8Array) =>
    cursor === undefined || compareBytes(hash, cursor) < 0
  if (request.kind === 'GetAccountRange') {
    expect(finished(taskOf(journal, request.origin).next, request.origin)).toBe(false)
  } else if (request.kind === 'GetStorageRanges') {
    for (const account of request.accounts) {
      const task = taskOf(journal, account)
      if (!finished(task.next, account)) continue
      const pending = task.pending.find(({ accountHash }) => !compareBytes(accountHash, account))
      expect(pending?.storageRoot, `storage of ${bytesToHex(account)} was finished`).toBeDefined()
      const open = pending?.chunks?.some(({ next, last }) => {
        return compareBytes(request.origin, next) >= 0 && compareBytes(request.origin, last) <= 0
      })
      expect(open ?? true, `slots from ${bytesToHex(request.origin)} on were stored`).toBe(true)
    }
  } else if (request.kind === 'GetByteCodes') {
    for (const hash of request.hashes) expect(codes).not.toContain(bytesToHex(hash))
  }
}

/**
 * A resumed task continues exactly where the journal says, and leaves nothing out. One account
 * request of the page that was killed may come to the bridge only now, before all others.
 */
function expectFirstAtCursor(requests: readonly SnapRequest[], journal: JournalState): void {
  const origins = requests.flatMap((it) => (it.kind === 'GetAccountRange' ? [it.origin] : []))
  const atCursor = (origin: Uint8Array) => {
    const { next } = taskOf(journal, origin)
    return next !== undefined && compareBytes(origin, next) === 0
  }
  if (origins[0] !== undefined && !atCursor(origins[0])) origins.shift()
  const first = new Map<number, Uint8Array>()
  for (const origin of origins) {
    const index = origin[0]! >> 4
    if (!first.has(index)) first.set(index, origin)
  }
  for (const [index, origin] of first) expect(origin).toEqual(journal.tasks[index]!.next)
}
