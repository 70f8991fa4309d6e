const RUN_LOOP = 'src/sync/loop/RunLoop.test.ts'
const VERIFICATION = 'test/scenarios/verification.test.ts'
const FOLLOW = 'src/sync/follow/PivotLoop.test.ts'
const FETCHER = 'src/sync/follow/StateFetcher.test.ts'
const COST = 'test/scenarios/healCost.test.ts'
const FAR = 'test/scenarios/farRoot.test.ts'

/**
 * Ways to break heals, pivots and the rest of the sync.
 *
 * @type {readonly import('../tests/mutated.mjs').Mutation[]}
 */
export const HEAL = [
  {
    name: 'The next sync does not wait for the one before it',
    file: 'src/sync/follow/StateFetcher.ts',
    find: 'await this.#running.run()',
    replace: 'void this.#running.run()',
    test: FETCHER,
    scenario: 'StateFetcher',
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
      'a root that moved resumes after a restart, wherever that comes, in the way that was chosen',
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
    scenario: 'one huge contract whose slots all changed is downloaded, and nothing else',
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
    find: 'if (rest !== undefined) this.#write(rest)',
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
