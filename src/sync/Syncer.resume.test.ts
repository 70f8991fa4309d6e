import { bytesToHex } from '@noble/hashes/utils.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { capped } from '../../test/support/peers/handlers.ts'
import { type Exchange, TestPeers } from '../../test/support/peers/TestPeers.ts'
import { storeWithHooks } from '../../test/support/store/storeWithHooks.ts'
import { runSync } from '../../test/support/sync/runSync.ts'
import { hexPairs, StateTruth } from '../../test/support/sync/StateTruth.ts'
import { compareBytes } from '../base/bytes/compareBytes.ts'
import { leafKey } from '../leaves/Leaves.ts'
import { SeededRandom } from '../served/changing/SeededRandom.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import { MemoryBackend } from '../store/backend/MemoryBackend.ts'
import { StoreFailedError } from '../store/errors.ts'
import { openMemoryStore } from '../store/openMemoryStore.ts'
import type { StoreBatch } from '../store/StateStore.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import { readJournal } from './journal/Journal.ts'

const truth = new StateTruth(
  syntheticAccounts({ seed: 21, accounts: 160, contracts: 0.2, maxSlots: 150, codes: 6 }),
)
const never = new AbortController().signal
let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

/**
 * Two peers whose answers are short: chunks and contracts take several, a sync some forty commits.
 */
function peers(): TestPeers {
  const handler = capped(stateHandler(truth.state.source), 300)
  return new TestPeers({ 'peer-a': handler, 'peer-b': handler })
}

/**
 * Runs until it fails, or until `onCommit` has called `kill`; what it left behind is in `backend`.
 */
async function interrupted(
  backend: MemoryBackend,
  onCommit: (commit: () => Promise<void>, kill: () => void) => Promise<void>,
): Promise<void> {
  const killed = new Promise<void>((kill) => {
    void openMemoryStore(backend).then(async (inner) => {
      const store = storeWithHooks(inner, (_, commit) => onCommit(commit, kill))
      const { signal } = new AbortController()
      await runSync({ store, verifier }, truth.root, peers(), signal).catch(() => undefined)
      kill()
    })
  })
  await killed
}

/**
 * Keys that were served, each as often as it was; accounts that lie behind a request's limit are no
 * one's wish.
 */
function served(exchanges: readonly Exchange[]): string[] {
  return exchanges.flatMap(({ request, response }) => {
    if (response?.kind === 'AccountRange' && request.kind === 'GetAccountRange') {
      return Array.from({ length: response.accounts.count }, (_, index) => {
        return leafKey(response.accounts, index)
      }).flatMap((key) => (compareBytes(key, request.limit) <= 0 ? [bytesToHex(key)] : []))
    }
    if (response?.kind === 'StorageRanges' && request.kind === 'GetStorageRanges') {
      return response.slots.flatMap((leaves, index) => {
        const account = bytesToHex(request.accounts[index]!)
        return hexPairs(leaves).map(([slot]) => account + slot)
      })
    }
    if (response?.kind === 'ByteCodes') {
      return response.codes.map((code) => bytesToHex(verifier.keccak256(code)))
    }
    return []
  })
}

/**
 * Resumes what an interrupted run left: it must end in the whole state, begin at the stored
 * cursors, and be served exactly what is not stored, each leaf and code once.
 */
async function expectResumed(backend: MemoryBackend): Promise<void> {
  const store = await openMemoryStore(backend)
  const { target, tasks, damaged } = readJournal(await store.journal())
  const completion = await store.completion()
  expect(damaged).toEqual([])
  const cursors = new Map(tasks.map(({ last, next }) => [bytesToHex(last), next]))
  const stored = new Set<string>()
  for await (const leaves of store.working.accounts())
    for (const [key] of hexPairs(leaves)) stored.add(key)
  for await (const leaves of store.working.slots())
    for (const [key] of hexPairs(leaves)) stored.add(key)
  for (const hash of truth.codes.keys()) {
    if ((await store.working.hasCodes([Buffer.from(hash, 'hex')]))[0]) stored.add(hash)
  }

  const resumed = peers()
  const written: StoreBatch[] = []
  const spied = storeWithHooks(store, (batch, commit) => {
    written.push(batch)
    return commit()
  })
  await runSync({ store: spied, verifier }, truth.root, resumed, never)
  await truth.expectStored(store.completed)
  for (const batch of written) truth.expectTrue(batch)
  if (completion !== undefined) expect(resumed.exchanges).toEqual([])

  const begun = new Set<string>()
  for (const { origin, limit } of resumed.asked('GetAccountRange')) {
    const chunk = bytesToHex(limit)
    if (!begun.has(chunk)) expect(origin).toEqual(cursors.get(chunk))
    begun.add(chunk)
  }
  const wanted = [...truth.accounts.keys(), ...truth.slots.keys(), ...truth.codes.keys()]
  const missing =
    target === undefined && completion === undefined
      ? wanted
      : wanted.filter((key) => !stored.has(key))
  expect(served(resumed.exchanges).sort()).toEqual(missing.sort())
}

describe('Syncer after an interruption', () => {
  it('goes on where it was, whichever commit failed', async () => {
    let commits = 0
    for (let failing = 1; commits === 0 || failing <= commits; failing++) {
      const backend = new MemoryBackend()
      let count = 0
      await interrupted(backend, async (commit) => {
        if (++count === failing) throw new StoreFailedError('the disk is gone')
        await commit()
      })
      expect(count).toBeLessThanOrEqual(failing)
      if (count < failing) commits = count
      await expectResumed(backend)
    }
    expect(commits).toBeGreaterThan(30)
  })

  it('goes on where it was, after whichever commit the tab died', async () => {
    let deaths = 0
    for (let alive = true; alive; ) {
      const last = deaths + 1
      const backend = new MemoryBackend()
      let count = 0
      await interrupted(backend, async (commit, kill) => {
        // What comes after death never ends, as nothing ever hears of it.
        if (count === last) return new Promise<void>(() => {})
        await commit()
        if (++count === last) kill()
      })
      alive = count === last
      if (alive) deaths++
      await expectResumed(backend)
    }
    expect(deaths).toBeGreaterThan(30)
  })

  it.each(Array.from({ length: 20 }, (_, index) => 1_000 + index))(
    'goes on where it was, cancelled at a random moment (seed %i)',
    async (seed) => {
      const random = new SeededRandom(seed)
      const backend = new MemoryBackend()
      for (let run = 0; run < 3; run++) {
        const controller = new AbortController()
        const asked = 1 + random.below(40)
        const handler = capped(stateHandler(truth.state.source), 300)
        let count = 0
        const aborting = new TestPeers({
          'peer-a': (request) => {
            if (++count === asked) controller.abort()
            return handler(request)
          },
        })
        const store = await openMemoryStore(backend)
        const sync = runSync({ store, verifier }, truth.root, aborting, controller.signal)
        const error = await sync.catch((cause) => cause)
        if (controller.signal.aborted && error !== undefined) {
          expect(error).toMatchObject({ code: 'SYNC_CANCELLED' })
        }
      }
      await expectResumed(backend)
    },
  )

  it('rejects with the error of the store', async () => {
    const store = storeWithHooks(await openMemoryStore(), async (batch, commit) => {
      if (batch.accounts !== undefined) throw new StoreFailedError('the disk is full')
      await commit()
    })
    const sync = runSync({ store, verifier }, truth.root, peers(), never)
    await expect(sync).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('disk is full'),
    })
  })
})
