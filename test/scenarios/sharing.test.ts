import { bytesToHex } from '@noble/hashes/utils.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { compareBytes } from '../../src/base/bytes/compareBytes.ts'
import type { SnapHandler } from '../../src/snap/server/serveSnap.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { capped } from '../support/peers/handlers.ts'
import { servedStates } from '../support/peers/servedStates.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import {
  codeOf,
  crowdedSlots,
  hashOf,
  plainAccounts,
  type Sketches,
  slotsOf,
  stateOf,
} from '../support/sync/accounts.ts'
import type { StateTruth } from '../support/sync/StateTruth.ts'
import { SyncFixture } from '../support/sync/SyncFixture.ts'

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

function bench(...truths: StateTruth[]): SyncFixture {
  const handler = capped(servedStates(...truths), 700)
  return new SyncFixture({ verifier, peers: new TestPeers({ a: handler, b: handler }) })
}

/** Accounts whose slots were sent, each as often as some came. */
function fetchedFrom({ peers }: SyncFixture, from = 0): string[] {
  return peers.exchanges.slice(from).flatMap(({ request, response }) => {
    if (request.kind !== 'GetStorageRanges' || response?.kind !== 'StorageRanges') return []
    return response.slots.map((_, index) => bytesToHex(request.accounts[index]!))
  })
}

function fetchedSlots({ peers }: SyncFixture): number {
  return peers.exchanges.reduce((sum, { response }) => {
    if (response?.kind !== 'StorageRanges') return sum
    return response.slots.reduce((more, { count }) => more + count, sum)
  }, 0)
}

function copies(names: readonly string[], sketch: Sketches[string]): Sketches {
  return Object.fromEntries(names.map((name) => [name, sketch]))
}

/** Names that lie in all parts of the key space, and several in one. */
const NAMES = ['0-a', '0-b', '0-c', '5-a', '5-b', '9-a', 'f-a']

describe('contracts that share a storage root', () => {
  it('are fetched once, whichever tasks they belong to', async () => {
    const truth = stateOf({ ...plainAccounts(40), ...copies(NAMES, { slots: slotsOf(1, 5) }) })
    const run = bench(truth)
    await run.sync(truth)
    expect(fetchedFrom(run)).toHaveLength(1)
    await run.expectComplete(truth)
  })

  it('are fetched once where they are large', async () => {
    const slots = crowdedSlots(1, 600)
    const truth = stateOf({ ...plainAccounts(40), ...copies(NAMES, { slots }) })
    const run = bench(truth)
    await run.sync(truth)
    expect(new Set(fetchedFrom(run)).size).toBe(1)
    // A server adds the first slot behind the limit of a chunk.
    expect(fetchedSlots(run)).toBeLessThanOrEqual(600 + 16)
    await run.expectComplete(truth)
  })

  it('are fetched once, also when the sync ends in the midst of them and goes on', async () => {
    const slots = crowdedSlots(1, 600)
    const truth = stateOf({ ...plainAccounts(40), ...copies(NAMES, { slots }) })
    const run = bench(truth)
    await run.interrupt(truth, ({ asked }) => {
      return asked?.kind === 'GetStorageRanges' && fetchedSlots(run) > 300
    })
    await run.sync(truth)
    expect(new Set(fetchedFrom(run)).size).toBe(1)
    await run.expectComplete(truth)
  })

  it('do not take over what one of them has from another root', async () => {
    const shared = crowdedSlots(1, 400)
    const before = stateOf({
      ...plainAccounts(40),
      '00-begun': { slots: [...shared.slice(0, 200), ...slotsOf(7, 200)] },
    })
    // The one that is begun is whole first, and the others wait for one of them.
    const names = ['00-begun', ...NAMES]
    const after = stateOf({ ...plainAccounts(40, 2n), ...copies(names, { slots: shared }) })
    const run = bench(before, after)
    await run.interrupt(before, ({ asked }) => {
      return asked?.kind === 'GetStorageRanges' && fetchedSlots(run) > 300
    })
    await run.sync(after)
    await run.expectComplete(after)
  })

  it('are not copied to one that was asked for already, however late its answer comes', async () => {
    const slots = crowdedSlots(1, 400)
    const before = stateOf({ ...plainAccounts(40), 'ff-begun': { slots } })
    const names = ['00-asked', '08-waits', 'ff-begun']
    const after = stateOf({ ...plainAccounts(40), ...copies(names, { slots }) })
    const honest = capped(servedStates(before, after), 700)
    // The accounts before are not known yet when the root moves.
    const slow: SnapHandler = (request) => {
      const isFirst = request.kind === 'GetAccountRange' && request.origin[0] === 0
      return isFirst ? new Promise(() => {}) : honest(request)
    }
    const run = new SyncFixture({ verifier, peers: new TestPeers({ a: slow, b: slow }) })
    await run.interrupt(before, () => fetchedSlots(run) > 300)
    for (const peer of ['a', 'b']) run.peers.leave(peer)
    const late = hashOf('00-asked')
    for (const peer of ['c', 'd', 'e']) {
      run.peers.join(peer, async (request) => {
        const isLate = request.kind === 'GetStorageRanges' && request.origin.length === 0
        if (isLate && compareBytes(request.accounts[0]!, late) === 0) {
          await new Promise<void>((resolve) => run.clock.timers.setTimeout(resolve, 3_000))
        }
        return honest(request)
      })
    }
    await run.sync(after)
    expect(run.faults).toEqual([])
    expect(new Set(fetchedFrom(run)).size).toBe(2)
    await run.expectComplete(after)
  })

  it('may be copied while the root moves', async () => {
    const slots = crowdedSlots(1, 400)
    const before = stateOf({ ...plainAccounts(40), ...copies(NAMES, { slots }) })
    const after = stateOf({
      ...plainAccounts(40),
      ...copies(NAMES, { slots }),
      '9-a': { slots: slotsOf(1, 4) },
    })
    const first = bytesToHex(hashOf('0-b'))
    const run = bench(before, after)
    await run.interrupt(before, ({ committed }) => {
      const [range] = committed?.removeSlots ?? []
      return range !== undefined && bytesToHex(range.first).startsWith(first)
    })
    await run.sync(after)
    await run.expectComplete(after)
  })
})

describe('codes that accounts share', () => {
  it('are fetched once in a whole sync, over tasks, answers, phases and roots', async () => {
    const code = [codeOf(1, 300), codeOf(2, 300), codeOf(3, 300)]
    const sketches = (balance: bigint): Sketches => ({
      ...plainAccounts(30),
      ...Object.fromEntries(
        Array.from({ length: 60 }, (_, index) => {
          return [`contract ${index}`, { balance, code: code[index % 3]! }]
        }),
      ),
    })
    const before = stateOf(sketches(1n))
    const after = stateOf({ ...sketches(2n), another: { code: codeOf(4, 300) } })
    const run = bench(before, after)
    await run.sync(before)
    await run.sync(after)
    await run.sync(before)
    const hashes = run.peers.exchanges.flatMap(({ response }) => {
      if (response?.kind !== 'ByteCodes') return []
      return response.codes.map((bytes) => bytesToHex(verifier.keccak256(bytes)))
    })
    expect(hashes.sort()).toEqual([...after.codes.keys()].sort())
    await run.expectComplete(before)
  })
})
