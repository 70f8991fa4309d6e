const PEERS = 'test/scenarios/peers.test.ts'
const ANSWERS = 'test/scenarios/answers.test.ts'
const CONTRACTS = 'test/scenarios/contracts.test.ts'
const PIVOT = 'test/scenarios/pivot.test.ts'
const KILL = 'test/scenarios/kill.test.ts'
const SHARING = 'test/scenarios/sharing.test.ts'
const GETH = 'test/scenarios/gethSync.test.ts'
const LARGE = 'test/scenarios/largeContract.test.ts'
const VERIFICATION = 'test/scenarios/verification.test.ts'
const READERS = 'test/scenarios/readers.test.ts'
const FOLLOW = 'src/sync/follow/PivotLoop.test.ts'
const FETCHER = 'src/sync/follow/StateFetcher.test.ts'
const COST = 'test/scenarios/healCost.test.ts'
const FAR = 'test/scenarios/farRoot.test.ts'
const IDLE = 'src/engine/Engine.idle.test.ts'
const LIFECYCLE = 'src/engine/Engine.lifecycle.test.ts'
const BACKEND = 'src/store/backend/IndexedDbBackend.test.ts'
const RUN_LOOP = 'src/sync/loop/RunLoop.test.ts'

/**
 * Ways to break the engine, each with the scenario that notices: its groups and title, as vitest
 * joins them.
 *
 * @type {readonly import('./lib/tests/mutated.mjs').Mutation[]}
 */
export const MUTATIONS = [
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
    name: 'A healed node or code is taken for the one at its place, whatever its hash',
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
    name: 'Writes go on after one has failed',
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
    name: 'The next sync does not wait for the one before it',
    file: 'src/sync/follow/StateFetcher.ts',
    find: 'await this.#running.run()',
    replace: 'void this.#running.run()',
    test: FETCHER,
    scenario: 'StateFetcher',
  },
  {
    name: 'What is committed is written into the completed generation',
    file: 'src/store/commit/writeBatch.ts',
    find: 'const generation = head.generation + 1',
    replace: 'const generation = Math.max(head.generation, 1)',
    test: READERS,
    scenario: 'readers see one state as a whole, through all of a heal',
  },
  {
    name: 'A state that nobody has is taken for slow answers',
    file: 'src/sync/peers/PeerPool.ts',
    find: 'windows.some(({ isEmpty }) => isEmpty)',
    replace: 'windows.some(() => false)',
    test: 'src/client/StateSyncClient.test.ts',
    scenario: 'tells that nobody has the state, and no more once somebody has',
  },
  {
    name: 'Bytes that prove nothing count as movement',
    file: 'src/sync/progress/ProgressMeter.ts',
    find: "const moves = ['fraction',",
    replace: "const moves = ['bytes', 'fraction',",
    test: 'src/sync/progress/ProgressMeter.test.ts',
    scenario: 'though peers come and go, and bytes that prove nothing arrive',
  },
  {
    name: 'The checksum of a page is not looked at',
    file: 'src/store/page/Page.ts',
    find: 'if (compareBytes(pageChecksum(bytes, key), stored) !== 0) {',
    replace: 'if (stored.length !== 8) {',
    test: 'test/scenarios/damage.test.ts',
    scenario: 'a record of accounts with a flipped bit gives no wrong answer, and is fetched anew',
  },
  {
    name: 'A page that is gone is not missed',
    file: 'src/store/view/KnownPages.ts',
    find: 'if (pages[table][view].sum === sums[view][table]) continue',
    replace: 'if (sums) continue',
    test: 'test/scenarios/damage.test.ts',
    scenario: 'a record of accounts that is gone gives no wrong answer, and is fetched anew',
  },
  {
    name: 'A code is not compared with its hash when it is loaded',
    file: 'src/store/view/PagedView.ts',
    find: 'if (compareBytes(computed, codeHash) !== 0) {',
    replace: 'if (computed.length !== 32) {',
    test: 'test/scenarios/damage.test.ts',
    scenario:
      'a record of codes with the value of another gives no wrong answer, and is fetched anew',
  },
  {
    name: 'A code that is gone is read as none',
    file: 'src/reads/StateReader.ts',
    find: 'if (code === undefined) throw new StoreCorruptError',
    replace: 'if (code === undefined) return new Uint8Array() ?? String',
    test: 'test/scenarios/damage.test.ts',
    scenario: 'a record of codes that is gone gives no wrong answer, and is fetched anew',
  },
  {
    name: 'Codes stay in memory when the store is emptied',
    file: 'src/store/PagedStore.ts',
    find: '    this.#recent.codes.clear()\n',
    replace: '',
    test: 'src/store/PagedStore.test.ts',
    scenario: 'forgets codes when it is emptied',
  },
  {
    name: 'Damage that an audit finds leaves the state complete',
    file: 'src/engine/Engine.ts',
    find: 'if (isDamage(error)) await this.#withdraw(error)',
    replace: 'if (error === undefined) await this.#withdraw(error)',
    test: 'test/scenarios/damage.test.ts',
    scenario: 'damage that is found in one tab ends the answers of another',
  },
  {
    name: 'A root that is far is healed all the same',
    file: 'src/sync/Syncer.ts',
    find: 'return survey.isFar',
    replace: 'return false',
    test: FAR,
    scenario: 'a root that moved costs no more than the cheaper way: everything differs',
  },
  {
    name: 'A root that is near is downloaded',
    file: 'src/sync/heal/choice/survey.ts',
    find: 'return !isNear && isFar',
    replace: 'return isNear || isFar',
    test: COST,
    scenario:
      'a heal of 100000 accounts costs what changed: 1 % of them, 0.1 %, and 10; in nodes, in bytes, and in local work',
  },
  {
    name: 'A few leaves are downloaded, as they are a large part of a small state',
    file: 'src/sync/heal/choice/isFar.ts',
    find: '&& share * leaves > HEAL_LIMIT.leaves',
    replace: '|| share * leaves > 0',
    test: FAR,
    scenario: 'a root that moved costs no more than the cheaper way: a few accounts differs',
  },
  {
    name: 'A download over a stored state begins where the one before it was',
    file: 'src/sync/Syncer.ts',
    find: '      task.next = task.first\n',
    replace: '',
    test: FAR,
    scenario:
      'a root that moved begins anew when it moves far in the midst, and in the midst of a first download',
  },
  {
    name: 'A restart forgets that a state is downloaded over another one',
    file: 'src/sync/journal/loadCycle.ts',
    find: 'completion === undefined || begunTasks',
    replace: 'completion === undefined',
    test: FAR,
    scenario:
      'a root that moved goes on after a restart, wherever that comes, with the way that was chosen',
  },
  {
    name: 'Accounts whose storage had not come are taken for whole when the root moves',
    file: 'src/sync/journal/rewindTask.ts',
    find: 'if (storageRoot) marks.add(accountHash)',
    replace: 'if (!storageRoot) marks.add(accountHash)',
    test: FAR,
    scenario:
      'a root that moved fetches storage that had not come before it moved, also where the next root has the same',
  },
  {
    name: 'Accounts of a chunk whose record is damaged are taken for whole',
    file: 'src/sync/journal/loadCycle.ts',
    find: '{ removeAccounts: lost }',
    replace: '{ removeAccounts: [] }',
    test: FAR,
    scenario:
      'a root that moved fetches a chunk anew, and all of its storage, when the record of its task is damaged',
  },
  {
    name: 'Storage that is far is healed all the same',
    file: 'src/sync/heal/choice/FarStorage.ts',
    find: 'this.found.push({ accountHash, storageRoot })',
    replace: '',
    test: FAR,
    scenario: 'one huge contract of which all slots changed is downloaded, and nothing else',
  },
  {
    name: 'What a download over a stored state did not ask for is not verified',
    file: 'src/sync/Syncer.ts',
    find: 'verify everything in the end.\n    this.#touched = undefined',
    replace: 'verify everything in the end.',
    test: FAR,
    scenario:
      'a root that moved verifies everything when it has downloaded: a slot of a contract that was not asked for',
  },
  {
    name: 'What earlier runs healed is not verified by the one that completes',
    file: 'src/sync/Syncer.ts',
    find: 'else if (!cycle.begun) this.#touched',
    replace: 'else this.#touched',
    test: VERIFICATION,
    scenario:
      'what is changed behind a sync is found after a heal that was broken off when all was healed and nothing verified: a slot has another value',
  },
  {
    name: 'A damaged journal is trusted to tell what was healed',
    file: 'src/sync/Syncer.ts',
    find: 'completion === undefined || cycle.damaged',
    replace: 'completion === undefined',
    test: VERIFICATION,
    scenario:
      'what is changed behind a sync is found in what a heal did not touch when the journal is damaged: it may not list all that was',
  },
  {
    name: 'Nothing looks at what a heal did not touch',
    file: 'src/engine/syncRun.ts',
    find: 'onVerified(syncer.verifiedAll)',
    replace: 'onVerified(true)',
    test: IDLE,
    scenario:
      'after a heal a slot of a contract that was not touched, damaged between two roots, is found',
  },
  {
    name: 'A connection that the browser ended is not opened again',
    file: 'src/store/backend/IndexedDbBackend.ts',
    find: 'if (this.#closed || !isGone(error)) throw error',
    replace: 'if (this.#closed || isGone(error)) throw error',
    test: LIFECYCLE,
    scenario:
      'a database that the browser closes is opened again in the midst of a run, which goes on',
  },
  {
    name: 'An empty database is taken for the one that was there',
    file: 'src/store/backend/IndexedDbBackend.ts',
    find: 'if ((await this.#connect()).isNew) {',
    replace: 'if ((await this.#connect()).failures > 0) {',
    test: LIFECYCLE,
    scenario: 'a database that the browser loses in the midst of a run is fetched again',
  },
  {
    name: 'What the browser lost is not fetched again',
    file: 'src/engine/Engine.ts',
    find: '(this.#wanted ? this.start() : undefined)',
    replace: 'undefined',
    test: LIFECYCLE,
    scenario: 'a database that the browser loses in the midst of a run is fetched again',
  },
  {
    name: 'What the browser lost is fetched again while the app has paused',
    file: 'src/engine/Engine.ts',
    find: '(this.#wanted ? this.start() : undefined)',
    replace: 'this.start()',
    test: LIFECYCLE,
    scenario: 'a database that the browser loses while the app has paused waits for its start',
  },
  {
    name: 'An open that failed is not tried again',
    file: 'src/store/backend/openDatabase.ts',
    find: 'if (wait === undefined || ',
    replace: 'if (wait !== 0 || ',
    test: BACKEND,
    scenario: 'an open that fails with UnknownError is tried again',
  },
  {
    name: 'A database that is gone is not told where its mark is left',
    file: 'src/store/backend/wasStored.ts',
    find: 'return marked',
    replace: 'return false',
    test: BACKEND,
    scenario: 'a database that is gone is told when its mark is still there, and only then',
  },
  {
    name: 'Locks that reject fail the run',
    file: 'src/engine/tabs/StateLock.ts',
    find: 'if (answered || signal?.aborted) throw error',
    replace: 'throw error',
    test: LIFECYCLE,
    scenario:
      'a platform that lacks something has locks that reject: one fault says so, and all else works',
  },
  {
    name: 'A channel that throws fails the opening',
    file: 'src/engine/tabs/CommitChannel.ts',
    find: '} catch (error) {',
    replace: '} catch (error) {\n      throw error',
    test: LIFECYCLE,
    scenario:
      'a platform that lacks something has a BroadcastChannel that throws: one fault says so, and all else works',
  },
  {
    name: 'A pivot that is too old is left in its last step, which needs no peers',
    file: 'src/sync/follow/PivotLoop.ts',
    find: 'const stale = old && !this.#options.isVerifying?.()',
    replace: 'const stale = old',
    test: FOLLOW,
    scenario: 'leaves no pivot for its age whose state only has to be verified',
  },
  {
    name: 'What a phase has accepted is not written at its end',
    file: 'src/sync/loop/RunLoop.ts',
    find: 'if (rest !== undefined) this.#writer.write(rest)',
    replace: '',
    test: RUN_LOOP,
    scenario: 'writes what a phase has accepted when it is cancelled, before it rejects',
  },
  {
    name: 'A run that has ended still hears of the pool',
    file: 'src/sync/loop/RunLoop.ts',
    find: '      unsubscribe()\n',
    replace: '',
    test: RUN_LOOP,
    scenario: 'hears nothing of the pool any more once it has ended',
  },
  {
    name: 'Request ids are 1, 2, 3',
    file: 'src/snap/SnapClient.ts',
    find: 'crypto.getRandomValues(new BigUint64Array(1))[0]! >> 1n',
    replace: '((this as any).ids = ((this as any).ids ?? 0n) + 1n) as bigint',
    test: 'src/snap/SnapClient.test.ts',
    scenario: 'numbers requests unpredictably',
  },
  {
    name: 'The slowest peer is asked first',
    file: 'src/sync/peers/PeerPool.ts',
    find: 'b.perSecond - a.perSecond',
    replace: 'a.perSecond - b.perSecond',
    test: 'src/sync/peers/PeerPool.test.ts',
    scenario: 'asks the fastest peer first, and a peer of unknown speed last',
  },
  {
    name: 'Any number of contracts of a chunk may wait',
    file: 'src/sync/download/AccountWork.ts',
    find: '      if (task.pending.length >= MAX_PENDING) continue\n',
    replace: '',
    test: 'src/sync/download/AccountWork.test.ts',
    scenario: 'contracts that wait, a chunk asks for more accounts',
  },
  {
    name: 'The queue of a heal takes everything out of the scheduler',
    file: 'src/sync/heal/HealQueue.ts',
    find: 'this.#sync.missing(free)',
    replace: 'this.#sync.missing()',
    test: 'src/sync/heal/HealQueue.test.ts',
    scenario: 'takes no more out of the scheduler than the largest requests need',
  },
]
