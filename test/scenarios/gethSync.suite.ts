import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import type { MemoryState } from '../../src/served/memoryState.ts'
import type { SnapRequest } from '../../src/snap/SnapMessage.ts'
import type { SnapHandler } from '../../src/snap/server/serveSnap.ts'
import type { StateStore } from '../../src/store/StateStore.ts'
import type { Fault } from '../../src/sync/peers/Fault.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { gethPeers } from '../support/geth/gethPeers.ts'
import { gethState } from '../support/geth/gethState.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import { StateTruth } from '../support/sync/StateTruth.ts'
import {
  type ScenarioOptions,
  type ScenarioRun,
  syncScenario,
} from '../support/sync/syncScenario.ts'
import { virtualClock } from '../support/sync/virtualClock.ts'

/** A new store, and how to be rid of it. */
export interface ScenarioStore {
  store: StateStore
  destroy: () => Promise<unknown>
}

type Kind = SnapRequest['kind']
type Options = Partial<ScenarioOptions>

const { honest, useless, unresponsive, starving } = gethPeers

/**
 * The tests of go-ethereum's eth/protocols/snap/sync_test.go that sync a state, by their names.
 * Where those walk the tries in the end, these compare all that is stored: accounts, slots, every
 * code, and the counts of them.
 *
 * @param name of the stores
 * @param contracts the part of the reference's number of contracts that states of hundreds have:
 *   they share their slots, so that fewer of them do not change what is fetched, only what is
 *   written
 */
export function gethSyncScenarios(
  name: string,
  openStore: () => Promise<ScenarioStore>,
  contracts = 1,
): void {
  let verifier: Verifier
  const truths = {
    accounts100: once(() => gethState.accounts(100)),
    accounts3000: once(() => gethState.accounts(3000)),
    storage100: once(() => gethState.sharedStorage(100 * contracts, 3000, { code: true })),
    storage300: once(() => gethState.sharedStorage(300 * contracts, 1000)),
  }

  beforeAll(async () => {
    verifier = await createVerifier()
  })

  type Run = ScenarioRun & { store: StateStore; peers: TestPeers }

  const sync = async (truth: StateTruth, peers: TestPeers, options: Options): Promise<Run> => {
    const { store, destroy } = await openStore()
    onTestFinished(async () => {
      await destroy()
    })
    const run = await syncScenario(truth, { store, verifier, peers, ...options })
    return { ...run, store, peers }
  }

  /** Syncs to the end, and compares all of the store with the truth. */
  const expectSynced = async (
    truth: StateTruth,
    handlers: Record<string, SnapHandler> | TestPeers,
    options: Options = {},
  ): Promise<Run> => {
    const peers = handlers instanceof TestPeers ? handlers : new TestPeers(handlers)
    const run = await sync(truth, peers, options)
    expect(run.completed, `${run.faults.map(({ message }) => message)}`).toBe(true)
    await truth.expectStored(run.store.completed)
    expect(peers.mostInFlight).toBe(1)
    expect(run.timers).toBe(0)
    return run
  }

  /**
   * The same beside a peer that lies: the others come when it is asked for what it lies about, and
   * it is found out.
   */
  const expectFoundOut = async (
    truth: StateTruth,
    [liarName, liar]: [string, SnapHandler],
    kind: Kind,
    others: Record<string, SnapHandler>,
    code: string,
  ): Promise<void> => {
    const peers = new TestPeers()
    const latecomers = Object.entries(others)
    peers.join(liarName, (request) => {
      if (request.kind === kind) {
        for (const [other, handler] of latecomers.splice(0)) peers.join(other, handler)
      }
      return liar(request)
    })
    const { faults } = await expectSynced(truth, peers)
    expect(faults).toEqual([{ code, peer: liarName, message: expect.any(String) }])
    await expect.poll(() => peers.dismissed.get(liarName)).toBe(faults[0]!.message)
  }

  /** The code of the only kind of fault that each peer is blamed for. */
  const blamed = (faults: readonly Fault[]) =>
    Object.fromEntries(faults.map(({ peer, code }) => [peer, code]))

  const names = (truth: StateTruth, ...peers: string[]) =>
    Object.fromEntries(peers.map((peer) => [peer, honest(truth.state)]))

  describe(`the reference's sync tests ${name}`, () => {
    it('TestSyncBloatedProof', async () => {
      const truth = truths.accounts100()
      const peers = new TestPeers({ bloated: gethPeers.bloatedProof(truth.state) })
      const run = await sync(truth, peers, { patienceMs: 120_000 })
      expect(run.completed).toBe(false)
      const message = expect.stringContaining('invalid proof')
      expect(run.faults).toEqual([{ code: 'RANGE_PROOF', peer: 'bloated', message }])
      await expect.poll(() => peers.dismissed.get('bloated')).toBe(run.faults[0]!.message)
      expect(await run.store.completed.totals()).toMatchObject({ accounts: 0 })
    })

    it('TestSync', async () => {
      const truth = truths.accounts100()
      const { faults } = await expectSynced(truth, names(truth, 'source'))
      expect(faults).toEqual([])
    })

    it('TestSyncTinyTriePanic', async () => {
      const truth = new StateTruth(gethState.accounts(1))
      const { faults } = await expectSynced(truth, names(truth, 'source'))
      expect(faults).toEqual([])
    })

    it('TestMultiSync', async () => {
      const truth = truths.accounts100()
      const { faults, peers } = await expectSynced(truth, names(truth, 'sourceA', 'sourceB'))
      expect(faults).toEqual([])
      expect(new Set(peers.exchanges.map(({ peer }) => peer)).size).toBe(2)
    })

    it('TestSyncWithStorage', async () => {
      const truth = new StateTruth(gethState.sharedStorage(3, 3000, { code: true }))
      const { faults } = await expectSynced(truth, names(truth, 'sourceA'))
      expect(faults).toEqual([])
    })

    const lacking = (truth: StateTruth, lack: typeof useless): Record<string, SnapHandler> => ({
      noAccounts: lack(honest(truth.state), 'GetAccountRange'),
      noStorage: lack(honest(truth.state), 'GetStorageRanges'),
      noTrie: lack(honest(truth.state), 'GetTrieNodes'),
      full: honest(truth.state),
    })

    it('TestMultiSyncManyUseless', async () => {
      const truth = truths.storage100()
      const { faults } = await expectSynced(truth, lacking(truth, useless))
      const { noAccounts, noStorage = 'STATE_UNAVAILABLE', ...others } = blamed(faults)
      expect([noAccounts, noStorage]).toEqual(['STATE_UNAVAILABLE', 'STATE_UNAVAILABLE'])
      expect(others).toEqual({})
    })

    it('TestMultiSyncManyUselessWithLowTimeout', async () => {
      const truth = truths.storage100()
      const random = new SeededRandom(7)
      const clock = virtualClock()
      // Half of the answers come in the very moment in which their time is over, or after it.
      const racing = Object.entries(lacking(truth, useless)).map(([peer, handler]) => {
        const delayed: SnapHandler = async (request) => {
          const delayMs = random.below(4) / 2
          await new Promise<void>((resolve) => clock.timers.setTimeout(resolve, delayMs))
          return handler(request)
        }
        return [peer, delayed] as const
      })
      const low = { clock, stepMs: 0.5, patienceMs: 1_000, requestTimeoutMs: 1 }
      const { faults } = await expectSynced(truth, Object.fromEntries(racing), low)
      const codes = new Set(faults.map(({ code }) => code))
      expect(codes).toContain('REQUEST_TIMEOUT')
      codes.delete('STATE_UNAVAILABLE')
      expect([...codes]).toEqual(['REQUEST_TIMEOUT'])
    })

    it('TestMultiSyncManyUnresponsive', async () => {
      const truth = truths.storage100()
      const { faults } = await expectSynced(truth, lacking(truth, unresponsive))
      const { noAccounts, noStorage = 'REQUEST_TIMEOUT', ...others } = blamed(faults)
      expect([noAccounts, noStorage]).toEqual(['REQUEST_TIMEOUT', 'REQUEST_TIMEOUT'])
      expect(others).toEqual({})
    })

    it('TestSyncBoundaryAccountTrie', async () => {
      const truth = new StateTruth(gethState.boundaryAccounts(3000))
      const { faults } = await expectSynced(truth, names(truth, 'peer-a', 'peer-b'))
      expect(faults).toEqual([])
    })

    it('TestSyncNoStorageAndOneCappedPeer', async () => {
      const truth = truths.accounts3000()
      const { faults, peers } = await expectSynced(truth, {
        capped: starving(honest(truth.state), 'GetAccountRange', 500),
        ...names(truth, 'nice-a', 'nice-b', 'nice-c'),
      })
      expect(faults).toEqual([])
      const sizes = peers.exchanges.flatMap(({ peer, response }) => {
        return peer === 'capped' && response?.kind === 'AccountRange' ? response.accounts.count : []
      })
      expect(Math.max(...sizes)).toBeGreaterThan(0)
      expect(Math.max(...sizes)).toBeLessThan(10)
    })

    it('TestSyncNoStorageAndOneCodeCorruptPeer', async () => {
      const truth = truths.accounts3000()
      await expectFoundOut(
        truth,
        ['corrupt', gethPeers.corruptCodes(honest(truth.state))],
        'GetByteCodes',
        { capped: gethPeers.oneCodeAtATime(honest(truth.state)) },
        'CODE_MISMATCH',
      )
    })

    it('TestSyncNoStorageAndOneAccountCorruptPeer', async () => {
      const truth = truths.accounts3000()
      await expectFoundOut(
        truth,
        ['corrupt', gethPeers.corruptAccounts(honest(truth.state))],
        'GetAccountRange',
        names(truth, 'capped'),
        'RANGE_PROOF',
      )
    })

    it('TestSyncNoStorageAndOneCodeCappedPeer', async () => {
      const truth = truths.accounts3000()
      const capped = gethPeers.oneCodeAtATime(honest(truth.state))
      const { faults, peers } = await expectSynced(truth, { capped })
      expect(faults).toEqual([])
      // The reference allows for 100 requests, as it forgets in each chunk what others have
      // fetched.
      expect(peers.asked('GetByteCodes')).toHaveLength(8)
    })

    it('TestSyncBoundaryStorageTrie', async () => {
      const truth = new StateTruth(gethState.sharedStorage(10, 1000, { boundary: true }))
      const { faults } = await expectSynced(truth, names(truth, 'peer-a', 'peer-b'))
      expect(faults).toEqual([])
    })

    it('TestSyncWithStorageAndOneCappedPeer', async () => {
      const truth = truths.storage300()
      const slow = starving(honest(truth.state), 'GetStorageRanges', 500)
      const { faults } = await expectSynced(truth, { ...names(truth, 'nice-a'), slow })
      expect(faults).toEqual([])
    })

    it('TestSyncWithStorageAndCorruptPeer', async () => {
      const truth = truths.storage100()
      await expectFoundOut(
        truth,
        ['corrupt', gethPeers.corruptStorage(honest(truth.state))],
        'GetStorageRanges',
        names(truth, 'nice-a', 'nice-b', 'nice-c'),
        'RANGE_PROOF',
      )
    })

    it('TestSyncWithStorageAndNonProvingPeer', async () => {
      const truth = truths.storage100()
      await expectFoundOut(
        truth,
        ['corrupt', gethPeers.nonProving(honest(truth.state))],
        'GetStorageRanges',
        names(truth, 'nice-a', 'nice-b', 'nice-c'),
        'RANGE_PROOF',
      )
    })

    it('TestSyncWithStorageMisbehavingProve', async () => {
      const truth = new StateTruth(gethState.uniqueStorage(10, 30))
      const sourceA = gethPeers.alwaysProving(truth.state)
      const { faults, peers } = await expectSynced(truth, { sourceA })
      expect(faults).toEqual([])
      const answers = peers.exchanges.flatMap(({ response }) => {
        return response?.kind === 'StorageRanges' ? [response] : []
      })
      expect(answers.length).toBeGreaterThan(0)
      expect(answers.every(({ proof }) => proof.length > 0)).toBe(true)
    })

    it('TestSyncWithUnevenStorage', async () => {
      // Two contracts have so many slots next to zero that they look like tens of thousands, and
      // most ranges are empty.
      const truth = new StateTruth(gethState.unevenStorage(3, 256, new SeededRandom(25)))
      const source = starving(honest(truth.state), 'GetStorageRanges', 128)
      const { faults } = await expectSynced(truth, { source })
      expect(faults).toEqual([])
    })

    it('TestSyncAccountPerformance', async () => {
      const truth = truths.accounts100()
      const { faults, peers } = await expectSynced(truth, names(truth, 'source'))
      expect(faults).toEqual([])
      // The reference always asks for the root. Here the trie of the stored leaves has it already,
      // so nothing need be healed.
      expect(peers.asked('GetTrieNodes').length).toBeLessThanOrEqual(1)
    })
  })
}

/**
 * A state that several scenarios sync: made when the first needs it, as it may have 300,000 slots.
 */
function once(make: () => MemoryState): () => StateTruth {
  let truth: StateTruth | undefined
  return () => {
    truth ??= new StateTruth(make())
    return truth
  }
}
