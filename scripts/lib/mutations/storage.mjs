const READERS = 'test/scenarios/readers.test.ts'
const IDLE = 'src/engine/Engine.idle.test.ts'
const LIFECYCLE = 'src/engine/Engine.lifecycle.test.ts'
const BACKEND = 'src/store/backend/IndexedDbBackend.test.ts'

/**
 * Ways to break what is stored and read.
 *
 * @type {readonly import('../tests/mutated.mjs').Mutation[]}
 */
export const STORAGE = [
  {
    name: 'What is committed is written into the completed generation',
    file: 'src/store/commit/writeBatch.ts',
    find: 'const generation = head.generation + 1',
    replace: 'const generation = Math.max(head.generation, 1)',
    test: READERS,
    scenario: 'readers see one state as a whole, through all of a heal',
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
      'a database that the browser closes is opened again in the midst of a run, which continues',
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
]
