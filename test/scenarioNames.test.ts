import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

// Scenarios of the reference can be found, and chosen with `npm run scenarios -- --grep`, by their
// names there.

const PROOFS = [
  ...['TestProof', 'TestOneElementProof', 'TestBadProof', 'TestMissingKeyProof', 'TestRangeProof'],
  ...['TestRangeProofWithNonExistentProof', 'TestRangeProofWithInvalidNonExistentProof'],
  ...['TestOneElementRangeProof', 'TestAllElementsProof', 'TestSingleSideRangeProof'],
  ...['TestBadRangeProof', 'TestGappedRangeProof', 'TestSameSideProofs', 'TestHasRightElement'],
  ...['TestEmptyRangeProof', 'TestBloatedProof', 'TestEmptyValueRangeProof'],
  ...['TestAllElementsEmptyValueRangeProof', 'TestRangeProofKeysWithSharedPrefix'],
  'TestRangeProofErrors',
]

const TRIES = [
  ...['TestEmptySync', 'TestIterativeSync', 'TestIterativeDelayedSync'],
  ...['TestIterativeRandomSyncIndividual', 'TestIterativeRandomDelayedSync'],
  ...['TestDuplicateAvoidanceSync', 'TestIncompleteSyncHash', 'TestSyncOrdering'],
  ...['TestSyncMovingTarget', 'TestPivotMove', 'TestSyncAbort'],
]

const STATES = [
  ...['TestEmptyStateSync', 'TestIterativeStateSyncIndividual', 'TestIterativeStateSyncBatched'],
  ...['TestIterativeStateSyncIndividualFromDisk', 'TestIterativeStateSyncBatchedFromDisk'],
  ...['TestIterativeStateSyncIndividualByPath', 'TestIterativeStateSyncBatchedByPath'],
  ...['TestIterativeDelayedStateSync', 'TestIterativeRandomStateSyncIndividual'],
  ...['TestIterativeRandomStateSyncBatched', 'TestIterativeRandomDelayedStateSync'],
  'TestIncompleteStateSync',
]

const SNAP = [
  ...['TestSyncBloatedProof', 'TestSync', 'TestSyncTinyTriePanic', 'TestMultiSync'],
  ...['TestSyncWithStorage', 'TestMultiSyncManyUseless'],
  ...['TestMultiSyncManyUselessWithLowTimeout', 'TestMultiSyncManyUnresponsive'],
  ...['TestSyncBoundaryAccountTrie', 'TestSyncNoStorageAndOneCappedPeer'],
  ...['TestSyncNoStorageAndOneCodeCorruptPeer', 'TestSyncNoStorageAndOneAccountCorruptPeer'],
  ...['TestSyncNoStorageAndOneCodeCappedPeer', 'TestSyncBoundaryStorageTrie'],
  ...['TestSyncWithStorageAndOneCappedPeer', 'TestSyncWithStorageAndCorruptPeer'],
  ...['TestSyncWithStorageAndNonProvingPeer', 'TestSyncWithStorageMisbehavingProve'],
  ...['TestSyncWithUnevenStorage', 'TestSyncAccountPerformance', 'TestHashing'],
  'TestSlotEstimation',
]

describe('the scenarios of the reference have its names', () => {
  it.each([
    ['trie/proof_test.go', 20, PROOFS, ['test/suites/trie/rangeProof.suite.ts']],
    ['trie/sync_test.go', 11, TRIES, ['src/sync/heal/scheduler/TrieSync.geth.test.ts']],
    ['core/state/sync_test.go', 12, STATES, ['src/sync/heal/scheduler/newStateSync.test.ts']],
    [
      'snap/sync_test.go',
      22,
      SNAP,
      ['test/scenarios/gethSync.suite.ts', 'test/scenarios/gethSync.test.ts'],
    ],
  ])('%s: %i', (_, count, names, files) => {
    expect(new Set(names).size).toBe(count)
    const sources = files.map((file) =>
      readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'),
    )
    for (const name of names) expect(sources.join('')).toContain(`'${name}'`)
  })

  it('and stand where the command looks for them', () => {
    const command = readFileSync(new URL('../scripts/scenarios.mjs', import.meta.url), 'utf8')
    const [, list] = /SCENARIOS = \[(.*?)\]/s.exec(command)!
    const places = [...list!.matchAll(/'(.+?)'/g)].map(([, place]) => place!)
    expect(places.length).toBeGreaterThan(4)
    for (const place of places) {
      const path = new URL(`../${place}`, import.meta.url)
      expect(existsSync(path), place).toBe(true)
    }
  })
})
