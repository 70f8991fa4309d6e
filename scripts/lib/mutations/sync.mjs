const PEERS = 'test/scenarios/peers.test.ts'
const ANSWERS = 'test/scenarios/answers.test.ts'
const CONTRACTS = 'test/scenarios/contracts.test.ts'
const PIVOT = 'test/scenarios/pivot.test.ts'
const KILL = 'test/scenarios/kill.test.ts'
const SHARING = 'test/scenarios/sharing.test.ts'
const GETH = 'test/scenarios/gethSync.test.ts'
const LARGE = 'test/scenarios/largeContract.test.ts'
const VERIFICATION = 'test/scenarios/verification.test.ts'
const FOLLOW = 'src/sync/follow/PivotLoop.test.ts'
const PROGRESS = 'test/scenarios/progress.test.ts'
const COST = 'test/scenarios/healCost.test.ts'

/**
 * Ways to break downloads and peers.
 *
 * @type {readonly import('../tests/mutated.mjs').Mutation[]}
 */
export const SYNC = [
  {
    name: 'A request that failed is not given back',
    file: 'src/sync/loop/RunLoop.ts',
    find: "{ type: 'failure' }>): void {\n    work.revert(request)",
    replace: "{ type: 'failure' }>): void {",
    test: PEERS,
    scenario: "a request of 'accounts' is asked again when its peer leaves in the middle of it",
  },
  {
    name: 'A request whose answer was a lie is not given back',
    file: 'src/sync/loop/RunLoop.ts',
    find: 'throw error\n      work.revert(request)',
    replace: 'throw error',
    test: GETH,
    scenario: 'TestSyncNoStorageAndOneAccountCorruptPeer',
  },
  {
    name: 'The proof of accounts is not checked',
    file: 'src/snap/verify/verifyAccounts.ts',
    find: 'const more = verifier.verifyRange({',
    replace: 'const more = ((_claim) => accounts.count > 0)({',
    test: GETH,
    scenario: 'TestSyncNoStorageAndOneAccountCorruptPeer',
  },
  {
    name: 'Slots are not checked against the storage root',
    file: 'src/snap/verify/verifySlots.ts',
    find: 'more = verifier.verifyRange({',
    replace: 'more = ((_claim) => isLast && proof.length > 0)({',
    test: GETH,
    scenario: 'TestSyncWithStorageAndCorruptPeer',
  },
  {
    name: 'Tasks keep their place when the root moves, with what was pending under the old one',
    file: 'src/sync/journal/loadCycle.ts',
    find: 'else if (stored) rewindTask(task, marks.incomplete)',
    replace: 'else if (stored) continue',
    test: PIVOT,
    scenario:
      'the root moves in the midst of the chunks of a large contract to a root with a smaller state',
  },
  {
    name: 'A contract whose chunks are of two roots is not marked',
    file: 'src/sync/download/StaleLeaves.ts',
    find: 'return begun.storageRoot !== contract.storageRoot',
    replace: 'return false',
    test: CONTRACTS,
    scenario: 'between two roots, a large contract changes all of its slots in mid-chunk',
  },
  {
    name: 'Slots of accounts that vanished between two roots stay',
    file: 'src/sync/download/StaleLeaves.ts',
    find: 'removeSlots: slotsAround(range, keep)',
    replace: 'removeSlots: []',
    test: CONTRACTS,
    scenario: 'between two roots, a large contract vanishes in mid-chunk',
  },
  {
    name: 'Healing trusts a hash above an account that is marked',
    file: 'src/sync/heal/HealStore.ts',
    find: '!this.#incomplete.anyUnder(path) && ',
    replace: '',
    test: CONTRACTS,
    scenario:
      'an account whose storage is missing under hashes that match is healed, as the journal names it',
  },
  {
    name: 'Healing removes nothing',
    file: 'src/sync/heal/batch/healBatch.ts',
    find: '        clear(operation)\n',
    replace: '',
    test: PIVOT,
    scenario: 'the root moves of a completed state, at the root to a root with a smaller state',
  },
  {
    name: 'A healed node or code is taken for the one at its place without a look at its hash',
    file: 'src/snap/verify/matchAnswer.ts',
    find: 'while (place < hashes.length && compareBytes(hashes[place]!, digest) !== 0) place++',
    replace: '',
    test: ANSWERS,
    scenario: "an answer to a request of 'healNodes' in another order is found out",
  },
  {
    name: 'Accounts are written without the cursor that passes them',
    file: 'src/sync/download/AccountWork.ts',
    find: 'journal: new Map([...journal, taskRecord(task)])',
    replace: 'journal: new Map(journal)',
    test: KILL,
    scenario: 'a sync of one root killed right after any transaction',
  },
  {
    name: 'Writes continue after one has failed',
    file: 'src/sync/loop/Writer.ts',
    find: 'if (this.#failed) return',
    replace: '',
    test: KILL,
    scenario: 'a sync of one root whose store fails at any of its transactions',
  },
  {
    name: 'A peer that has nothing is asked again at once',
    file: 'src/sync/peers/RequestTracker.ts',
    find: 'if (!this.#stopped) {\n      const restMs',
    replace: 'if (this.#stopped) {\n      const restMs',
    test: PEERS,
    scenario: "a request of 'accounts' is not made again at once to a peer that has nothing",
  },
  {
    name: 'A peer that had nothing rests on when the next cycle begins',
    file: 'src/sync/Syncer.ts',
    find: '        pool.renew()\n',
    replace: '',
    test: PEERS,
    scenario: "a request of 'accounts' is not made again at once to a peer that has nothing",
  },
  {
    name: 'A chunk ends one slot hash too early',
    file: 'src/sync/download/hashRanges.ts',
    find: '? from + step - 1n',
    replace: '? from + step - 2n',
    test: LARGE,
    scenario: 'a large contract may have slots on the very ends of its chunks',
  },
  {
    name: 'A state is called complete without a look at it',
    file: 'src/sync/Syncer.ts',
    find: '      await this.#audit(root, signal)\n',
    replace: '',
    test: VERIFICATION,
    scenario: 'what is changed behind a sync is found after a download: a slot has another value',
  },
  {
    name: 'After a heal, storage of what was touched is not checked',
    file: 'src/sync/audit/auditHealed.ts',
    find: 'if (compareBytes(storageRoot, expected) !== 0) {',
    replace: 'if (storageRoot === expected) {',
    test: VERIFICATION,
    scenario: 'what is changed behind a sync is found after a heal: a slot has another value',
  },
  {
    name: 'What is derived of the stored tries is forgotten with every root',
    file: 'src/sync/Syncer.ts',
    find: "const { verifier, store, meter } = this.#options\n    meter.enter('heal'",
    replace:
      "const { verifier, store, meter } = this.#options\n    this.#derived = new DerivedState(store.working, verifier)\n    meter.enter('heal'",
    test: COST,
    scenario: 'costs what changed',
  },
  {
    name: 'Every contract is fetched, whether another one has its storage root or not',
    file: 'src/sync/download/SharedStorage.ts',
    find: 'if (fetched !== undefined && fetched !== contract) return false',
    replace: '',
    test: SHARING,
    scenario:
      'contracts that share a storage root are fetched once, whichever tasks they belong to',
  },
  {
    name: 'Answers of an earlier cycle are taken in by the next',
    file: 'src/sync/loop/RunLoop.ts',
    find: 'readonly #queue = new AsyncQueue<SyncEvent>()',
    replace: 'get #queue() { return (globalThis.sharedQueue ??= new AsyncQueue()) }',
    test: KILL,
    scenario: 'a sync whose root moves in mid-chunk killed right after any transaction',
  },
  {
    name: 'A pivot that is too old is not left',
    file: 'src/sync/follow/PivotLoop.ts',
    find: 'const stale = old && ',
    replace: 'const stale = false && ',
    test: FOLLOW,
    scenario: 'takes both distances from its options',
  },
  {
    name: 'Counts are not stored with what they count',
    file: 'src/sync/loop/RunLoop.ts',
    find: ', ...this.#options.records()])',
    replace: '])',
    test: PROGRESS,
    scenario: 'progress counts on after a restart, and tells what the run itself brought',
  },
  {
    name: 'Bytes of what was healed count leaves',
    file: 'src/sync/progress/batchCounts.ts',
    find: 'return count * keySize + offsets[count]! - offsets[0]!',
    replace: 'return count',
    test: PROGRESS,
    scenario: 'progress counts on after a restart, and tells what the run itself brought',
  },
]
