import { deleteDB, openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { cdp } from 'vitest/browser'
import { toHex } from '../../src/base/bytes/hex.ts'
import { IndexedDbBackend } from '../../src/store/backend/IndexedDbBackend.ts'
import { openDatabase, SCHEMA_VERSION } from '../../src/store/backend/openDatabase.ts'
import { databaseName } from '../../src/store/databaseName.ts'
import {
  StoreBlockedError,
  StoreClosedError,
  StoreQuotaError,
  StoreVersionError,
} from '../../src/store/errors.ts'
import { openIndexedDbStore } from '../../src/store/openIndexedDbStore.ts'
import type { StateStore } from '../../src/store/StateStore.ts'
import { stateStoreSuite } from '../../test/suites/store/stateStore.suite.ts'
import { expectContents } from '../../test/support/store/expectContents.ts'
import { hashKey, makeLeaves } from '../../test/support/store/makeLeaves.ts'
import { StoreModel } from '../../test/support/store/StoreModel.ts'

const identity = { chainId: 1, genesisHash: hashKey('genesis') }
let databases = 0

stateStoreSuite(
  'IndexedDB',
  async () => {
    const name = `suite ${databases++}`
    return {
      open: () => openIndexedDbStore({ identity, name }),
      backend: () => IndexedDbBackend.open(databaseName(identity, name)),
      destroy: () => deleteDB(databaseName(identity, name)),
    }
  },
  30,
)

describe('the database of a store', () => {
  let name: string
  let store: StateStore
  let model: StoreModel

  /** Leaves of about `size` bytes in all, others for each number. */
  const batch = (number: number, size = 100_000) => ({
    accounts: makeLeaves(
      Array.from({ length: size / 132 }, (_, index) => hashKey(`${number}/${index}`)),
      // Noise, because the database compresses what it writes.
      () => crypto.getRandomValues(new Uint8Array(100)),
    ),
    journal: new Map([['cursor', Uint8Array.of(number)]]),
  })
  const commit = async (number: number) => {
    const next = batch(number)
    await store.commit(next)
    model.commit(next)
  }

  /** What a user does with "clear site data": all databases go, in use or not. */
  const clearSite = () =>
    cdp().send('Storage.clearDataForOrigin', {
      origin: location.origin,
      storageTypes: 'indexeddb',
    })

  beforeEach(async () => {
    name = `store ${databases++}`
    store = await openIndexedDbStore({ identity, name })
    model = new StoreModel()
    await commit(0)
  })

  afterEach(async () => {
    await store.close()
    await deleteDB(databaseName(identity, name))
  })

  test('lies on disk', async () => {
    // In an incognito context the quota is a share of the memory, and nothing here would mean much.
    const { quota = 0 } = await navigator.storage.estimate()
    expect(quota).toBeGreaterThan(2 ** 30)
    expect((await indexedDB.databases()).map((database) => database.name)).toContain(
      `${name}/1/${toHex(hashKey('genesis'))}`,
    )
  })

  test.each([
    ['chain id', { ...identity, chainId: 5 }],
    ['genesis hash', { ...identity, genesisHash: hashKey('another genesis') }],
  ])('is another one for another %s', async (_, other) => {
    const another = await openIndexedDbStore({ identity: other, name })
    await expectContents(another, new StoreModel())
    await another.commit(batch(1))
    await expectContents(store, model)
    await another.close()
    await deleteDB(databaseName(other, name))
  })

  test('of a newer schema is refused, and left as it is', async () => {
    await store.close()
    const newer = await openDB(databaseName(identity, name), SCHEMA_VERSION + 6)
    newer.close()
    const error = await openIndexedDbStore({ identity, name }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(StoreVersionError)
    expect(error).toMatchObject({ found: SCHEMA_VERSION + 6, supported: SCHEMA_VERSION })
    expect((error as Error).message).toMatch(/version 8.* 2$/)
    const again = await openDB(databaseName(identity, name))
    expect(again.version).toBe(SCHEMA_VERSION + 6)
    expect(await again.count('accounts')).toBeGreaterThan(0)
    again.close()
  })

  test('of the first schema is emptied, as no release has written any', async () => {
    await store.close()
    const first = `${name} of old`
    const old = await openDB(databaseName(identity, first), 1, {
      upgrade(database) {
        for (const table of ['accounts', 'slots', 'codes', 'journal', 'meta']) {
          database.createObjectStore(table).put(Uint8Array.of(1), Uint8Array.of(0, 0))
        }
      },
    })
    old.close()
    store = await openIndexedDbStore({ identity, name: first })
    await expectContents(store, new StoreModel())
    await store.commit(batch(1))
    await store.close()
    await deleteDB(databaseName(identity, first))
  })

  test('that an older tab does not let go of is a StoreBlockedError', async () => {
    await store.close()
    const older = await openDB(databaseName(identity, name), SCHEMA_VERSION)
    const upgrade = openDatabase(
      databaseName(identity, name),
      () => undefined,
      SCHEMA_VERSION + 1,
    ).catch((error: unknown) => error)
    expect(await upgrade).toBeInstanceOf(StoreBlockedError)
    // What was asked for goes through when the older tab is gone, and is not left hanging around.
    older.close()
    const after = await openDB(databaseName(identity, name), SCHEMA_VERSION + 2)
    expect(after.version).toBe(SCHEMA_VERSION + 2)
    after.close()
  })

  test('makes way for an upgrade elsewhere', async () => {
    const running = commit(1)
    const newer = await openDB(databaseName(identity, name), SCHEMA_VERSION + 1)
    await running
    const results = await Promise.allSettled([store.working.totals(), store.commit(batch(2))])
    for (const result of results) {
      expect((result as PromiseRejectedResult).reason).toBeInstanceOf(StoreClosedError)
      expect(result).toMatchObject({ reason: { reason: 'upgraded' } })
    }
    expect(await newer.count('meta')).toBe(1)
    newer.close()
  })

  test('may be deleted under a running store, which does not bring it back', async () => {
    const running = commit(1)
    await deleteDB(databaseName(identity, name))
    await running
    await expect(store.commit(batch(2))).rejects.toMatchObject({
      code: 'STORE_CLOSED',
      reason: 'deleted',
    })
    expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(
      databaseName(identity, name),
    )
    await expectContents(await openIndexedDbStore({ identity, name }), new StoreModel())
  })

  test('may be cleared away by the browser with all data of the site', async () => {
    await clearSite()
    // Another connection finds the database empty: what the store knows of it must not be joined
    // with that.
    await expect(store.commit(batch(1))).rejects.toMatchObject({ code: 'STORE_LOST' })
    const again = await openIndexedDbStore({ identity, name })
    await expectContents(again, new StoreModel())
    await again.close()
  })

  describe('without space', () => {
    const limit = (quota: { quotaSize?: number }) =>
      cdp().send('Storage.overrideQuotaForOrigin', { origin: location.origin, ...quota })

    // Chromium believes for up to 30 s in the space that it saw last, unless all of the origin's
    // databases are gone.
    beforeEach(async () => {
      await clearSite()
      await limit({ quotaSize: 2_000_000 })
      store = await openIndexedDbStore({ identity, name })
      model = new StoreModel()
      await commit(0)
    })
    afterEach(() => limit({}))

    test('refuses a commit whole, reads on, and takes commits again when there is room', async () => {
      const refused = store.commit(batch(1, 4_000_000))
      await expect(refused).rejects.toBeInstanceOf(StoreQuotaError)
      // It would have split pages: the directory in memory must not say that it did.
      await expectContents(store, model)
      await limit({})
      await commit(2)
      await expectContents(store, model)
      await store.close()
      store = await openIndexedDbStore({ identity, name })
      await expectContents(store, model)
    })
  })

  test('keeps no more of a value than its bytes', async () => {
    const response = new Uint8Array(500_000)
    await store.commit({ codes: [{ hash: hashKey(1), code: response.subarray(10, 20) }] })
    const raw = await openDB(databaseName(identity, name))
    const code = (await raw.get('codes', hashKey(1).slice())) as Uint8Array
    raw.close()
    expect(code.buffer.byteLength).toBe(10)
  })
})
