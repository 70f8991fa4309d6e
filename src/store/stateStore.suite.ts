import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { compareBytes } from '../bytes/compareBytes.ts'
import { leafKey } from '../leaves/leafAt.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import type { StoreBackend, StoreTransaction } from './backend/StoreBackend.ts'
import { StoreClosedError } from './errors/StoreClosedError.ts'
import { StoreCorruptError } from './errors/StoreCorruptError.ts'
import { StoreInputError } from './errors/StoreInputError.ts'
import { expectContents } from './fixtures/expectContents.ts'
import { hashKey, makeLeaves, slotKey } from './fixtures/makeLeaves.ts'
import { hexEntries, StoreModel } from './fixtures/StoreModel.ts'
import { PagedStore } from './PagedStore.ts'
import type { StateStore, StoreBatch } from './StateStore.ts'

/** One database of the implementation under test. */
export interface StoreFixture {
  /** Opens a store over the database; every call is a connection of its own. */
  open(): Promise<StateStore>
  /** Direct access to what is stored, to look at it and to damage it. */
  backend(): Promise<StoreBackend>
  /** Removes the database, after all stores over it are closed. */
  destroy(): Promise<void>
}

/**
 * What a store must do, whatever it is built on.
 *
 * @param name of the implementation
 * @param create makes a new, empty database
 * @param runs of the property test
 */
export function stateStoreSuite(
  name: string,
  create: () => Promise<StoreFixture>,
  runs: number,
): void {
  describe(`a ${name} store`, () => {
    let fixture: StoreFixture
    let store: StateStore
    let model: StoreModel
    const connections: (StateStore | StoreBackend)[] = []

    const open = async () => {
      const another = await fixture.open()
      connections.push(another)
      return another
    }
    const openBackend = async () => {
      const another = await fixture.backend()
      connections.push(another)
      return another
    }
    const commit = async (batch: StoreBatch) => {
      await store.commit(batch)
      model.commit(batch)
    }
    const setUp = async () => {
      fixture = await create()
      model = new StoreModel()
      store = await open()
    }
    const tearDown = async () => {
      for (const connection of connections.splice(0)) await connection.close()
      await fixture.destroy()
    }
    beforeEach(setUp)
    afterEach(tearDown)

    /** The pages of a table as they are stored. */
    const pages = async (table: 'accounts' | 'slots') => {
      const backend = await openBackend()
      return backend.transact('readonly', (transaction) => transaction.entries(table))
    }
    const damage = async (change: (transaction: StoreTransaction) => Promise<void>) => {
      await (await openBackend()).transact('readwrite', change)
    }

    test('is empty at first', async () => {
      await expectContents(store, model)
      expect(await store.getAccount(hashKey(1))).toBeUndefined()
      expect(await store.getSlot(hashKey(1), hashKey(2))).toBeUndefined()
      expect(await store.getCode(hashKey(1))).toBeUndefined()
      expect(await store.hasCode(hashKey(1))).toBe(false)
    })

    test('agrees with plain maps after any sequence of commits', { timeout: 120_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 12 }), async (steps) => {
          await tearDown()
          await setUp()
          for (const step of steps) {
            if (step === 'clear') {
              await store.clear()
              model.clear()
            } else if (step === 'reopen') {
              await store.close()
              store = await open()
            } else {
              await commit(step)
            }
          }
          await expectContents(store, model)
          for (const key of ABSENT_KEYS) expect(await store.getAccount(key)).toBeUndefined()
        }),
        { numRuns: runs },
      )
    })

    describe('pages', () => {
      test('hold many small contracts and one of 20,000 slots', async () => {
        const large = Array.from({ length: 20_000 }, (_, slot) => slotKey('large', slot))
        const small = Array.from({ length: 2000 }, (_, at) => slotKey(`small ${at >> 1}`, at))
        const value = (index: number) => hashKey(index).subarray(0, 1 + (index % 32))
        await commit({ slots: makeLeaves(small, value) })
        await commit({ slots: makeLeaves(large, value) })
        await expectContents(store, model)

        const stored = await pages('slots')
        const bytes = stored.map(([, page]) => page.length)
        expect(Math.max(...bytes)).toBeLessThanOrEqual(32 * 1024)
        const total = bytes.reduce((sum, size) => sum + size)
        expect(total / (await store.totals()).bytes).toBeLessThan(1.15)
        // 128 KB of small contracts and 0.95 MB of the large one, whose account hash is not repeated.
        expect(stored.length).toBeLessThan(70)
      })

      test('of plain accounts take no more than 1.15 times their payload', async () => {
        const keys = Array.from({ length: 9000 }, (_, index) => hashKey(index))
        // Slim account RLP of a nonce, a balance of 9 bytes, no storage, no code.
        await commit({ accounts: makeLeaves(keys, () => new Uint8Array(14).fill(0xcd)) })
        const bytes = (await pages('accounts')).reduce((sum, [, page]) => sum + page.length, 0)
        expect(bytes / (await store.totals()).bytes).toBeLessThan(1.15)
      })

      test.each([16, 32])('of keys that differ only before byte %i', async (end) => {
        const keys = Array.from({ length: 4096 }, (_, index) => {
          const key = hashKey('shared')
          key.set([index >> 8, index & 0xff], end - 2)
          return key
        })
        const value = (index: number) => new Uint8Array(100).fill(index)
        await commit({ accounts: makeLeaves(keys, value) })
        // Keys beside the shared prefix, which no page holds yet.
        const others = Array.from({ length: 100 }, (_, index) => hashKey(index))
        await commit({ accounts: makeLeaves(others, value) })
        await expectContents(store, model)
        const stored = await pages('accounts')
        expect(Math.max(...stored.map(([, page]) => page.length))).toBeLessThanOrEqual(32 * 1024)
      })

      test('of one leaf larger than a page hold nothing else', async () => {
        const keys = Array.from({ length: 300 }, (_, index) => hashKey(index))
        await commit({
          accounts: makeLeaves(keys, (index) => new Uint8Array(index === 7 ? 100_000 : 50)),
        })
        await expectContents(store, model)
        const large = (await pages('accounts')).filter(([, page]) => page.length > 32 * 1024)
        expect(large.map(([, page]) => page.length)).toEqual([100_000 + 8 + 32 + 4])
      })
    })

    test('shows everything after it was opened again', async () => {
      await commit(fullBatch(3000))
      await store.close()
      await expectContents(await open(), model)
    })

    test('counts a leaf and a code once, however often it is written', async () => {
      const accounts = packLeaves([[hashKey(1), new Uint8Array(10)]])
      const codes = [
        { hash: hashKey(2), code: new Uint8Array(5) },
        { hash: hashKey(2), code: new Uint8Array(5) },
      ]
      await store.commit({ accounts, codes })
      await store.commit({ accounts, codes })
      await store.commit({ accounts: packLeaves([[hashKey(1), new Uint8Array(4)]]) })
      expect(await store.totals()).toEqual({ accounts: 1, slots: 0, codes: 1, bytes: 73 })
    })

    describe('a commit', () => {
      test('applies in the order of the calls', async () => {
        const batches = Array.from({ length: 20 }, (_, round) => fullBatch(200, round))
        await Promise.all(batches.map(commit))
        await expectContents(store, model)
        expect([...(await store.journal()).get('cursor')!]).toEqual([19])
      })

      test.each([0, 1, 3, 20])('that fails after %i writes changes nothing', async (writes) => {
        await commit(fullBatch(3000))
        const failing = new PagedStore(failAfter(await openBackend(), () => writes))
        connections.push(failing)
        await expect(failing.commit(fullBatch(6000, 1))).rejects.toThrow('no more writes')
        await expectContents(failing, model)
        await expectContents(store, model)
      })

      test('that failed does not keep the next from succeeding', async () => {
        let writes = 5
        store = new PagedStore(failAfter(await openBackend(), () => writes))
        connections.push(store)
        const results = [fullBatch(3000, 1), fullBatch(2000, 2)].map((batch) => store.commit(batch))
        await Promise.all(results.map((result) => expect(result).rejects.toThrow('no more writes')))
        writes = Number.POSITIVE_INFINITY
        await commit(fullBatch(2500, 3))
        await expectContents(store, model)
      })

      test('of nothing is one', async () => {
        await commit({})
        await commit({ accounts: packLeaves([], 0), slots: packLeaves([], 0), codes: [] })
        await expectContents(store, model)
      })

      test('takes copies, and so do reads', async () => {
        const accounts = packLeaves([[hashKey(1), Uint8Array.of(1, 2, 3)]])
        const code = new Uint8Array(1000).subarray(10, 14)
        const record = Uint8Array.of(9)
        const batch = {
          accounts,
          codes: [{ hash: hashKey(2), code }],
          journal: new Map([['a', record]]),
        }
        await commit(batch)
        accounts.values.fill(0xff)
        code.fill(0xff)
        record.fill(0xff)
        for (let round = 0; round < 2; round++) {
          const read = [
            await store.getAccount(hashKey(1)),
            await store.getCode(hashKey(2)),
            (await store.journal()).get('a'),
          ] as Uint8Array[]
          expect(read.map((bytes) => [...bytes])).toEqual([[1, 2, 3], [0, 0, 0, 0], [9]])
          // No larger buffer hangs on to them, neither here nor in the database.
          expect(read.map((bytes) => bytes.buffer.byteLength)).toEqual([3, 4, 1])
          for (const bytes of read) bytes.fill(0xee)
        }
      })
    })

    describe('two stores over one database', () => {
      test('see what the other wrote, whatever pages it made', async () => {
        const other = await open()
        await expectContents(other, model)
        for (let round = 0; round < 4; round++) {
          const batch = fullBatch(1500 * (round + 1), round)
          await (round % 2 ? store : other).commit(batch)
          model.commit(batch)
        }
        await expectContents(store, model)
        await expectContents(other, model)
        await other.clear()
        model.clear()
        await commit(fullBatch(100))
        await expectContents(other, model)
      })

      test('write at the same time', async () => {
        const other = await open()
        const batches = Array.from({ length: 10 }, (_, round) => ({
          accounts: makeLeaves(
            Array.from({ length: 500 }, (_, index) => hashKey(`${round}/${index}`)),
            () => new Uint8Array(60).fill(round),
          ),
        }))
        await Promise.all(batches.map((batch, index) => (index % 2 ? store : other).commit(batch)))
        for (const batch of batches) model.commit(batch)
        await expectContents(store, model)
        await expectContents(other, model)
      })
    })

    describe('iteration', () => {
      test('shows each leaf from before it began once, in order, while commits go on', async () => {
        await commit(fullBatch(6000))
        const before = [...model.accounts.keys()].sort()
        const seen: string[] = []
        let round = 0
        for await (const leaves of store.accounts()) {
          if (round++ < 10) await commit(fullBatch(600, round))
          seen.push(...hexEntries(leaves).map(([key]) => key))
        }
        expect(round).toBeGreaterThan(16)
        expect(seen).toEqual([...new Set(seen)].sort())
        const all = new Set(seen)
        expect(before.filter((key) => !all.has(key))).toEqual([])
      })

      test('never goes back, even when everything is replaced', async () => {
        await commit(fullBatch(6000))
        let last = new Uint8Array()
        let round = 0
        for await (const leaves of store.accounts()) {
          expect(compareBytes(last, leafKey(leaves, 0))).toBeLessThan(0)
          last = leafKey(leaves, leaves.count - 1).slice()
          if (round++ === 15) {
            await store.clear()
            await store.commit(fullBatch(200))
          }
        }
        expect(round).toBe(17)
      })

      test('can be left early', async () => {
        await commit(fullBatch(6000))
        for await (const leaves of store.slots()) {
          expect(leaves.count).toBeGreaterThan(0)
          break
        }
        await expectContents(store, model)
      })
    })

    describe('close', () => {
      test('waits for running commits, and may be called twice', async () => {
        const batch = fullBatch(2000)
        const running = store.commit(batch)
        await Promise.all([store.close(), store.close()])
        await running
        model.commit(batch)
        await expectContents(await open(), model)
      })

      test('makes every later call reject', async () => {
        await commit(fullBatch(2000))
        const iterator = store.accounts()[Symbol.asyncIterator]()
        await iterator.next()
        const closing = store.close()
        const calls = [
          iterator.next(),
          store.commit(fullBatch(1)),
          store.getAccount(hashKey(1)),
          store.getSlot(hashKey(1), hashKey(1)),
          store.getCode(hashKey(1)),
          store.hasCode(hashKey(1)),
          store.slots()[Symbol.asyncIterator]().next(),
          store.journal(),
          store.totals(),
          store.clear(),
        ]
        for (const result of await Promise.allSettled(calls)) {
          expect(result).toMatchObject({ status: 'rejected', reason: { reason: 'closed' } })
          expect((result as PromiseRejectedResult).reason).toBeInstanceOf(StoreClosedError)
        }
        await closing
      })
    })

    test.each<[string, (store: StateStore) => Promise<unknown>]>([
      ['an address for an account hash', (store) => store.getAccount(new Uint8Array(20))],
      ['a short slot hash', (store) => store.getSlot(hashKey(1), new Uint8Array(31))],
      ['a long code hash', (store) => store.getCode(new Uint8Array(33))],
      ['no code hash', (store) => store.hasCode(undefined as unknown as Uint8Array)],
      [
        'code under a short hash',
        (store) => store.commit({ codes: [{ hash: new Uint8Array(1), code: new Uint8Array(1) }] }),
      ],
      [
        'slots among the accounts',
        (store) => store.commit({ accounts: packLeaves([[slotKey(1, 2), hashKey(1)]], 64) }),
      ],
      [
        'leaves that descend',
        (store) =>
          store.commit({
            accounts: packLeaves([
              [new Uint8Array(32).fill(2), hashKey(1)],
              [new Uint8Array(32).fill(1), hashKey(1)],
            ]),
          }),
      ],
      [
        'a leaf twice',
        (store) =>
          store.commit({
            accounts: packLeaves([
              [hashKey(1), hashKey(1)],
              [hashKey(1), hashKey(1)],
            ]),
          }),
      ],
    ])('refuses %s', async (_, call) => {
      await commit(fullBatch(10))
      await expect(call(store)).rejects.toBeInstanceOf(StoreInputError)
      await expectContents(store, model)
    })

    describe('a damaged database', () => {
      const touched = hashKey('account 0')

      test.each<[string, (page: Uint8Array) => Uint8Array]>([
        ['cut off', (page) => page.subarray(0, page.length - 1)],
        ['of no bytes', () => new Uint8Array()],
        ['of a later format', (page) => Uint8Array.of(2, ...page.subarray(1))],
        ['of noise', (page) => page.map((_, index) => (index * 151) & 0xff)],
      ])('with a page %s is a StoreCorruptError where it is read', async (_, change) => {
        await commit(fullBatch(3000))
        await damage(async (transaction) => {
          for (const [id, page] of await transaction.entries('accounts')) {
            transaction.put('accounts', id, change(page))
          }
        })
        const before = await store.totals()
        await expect(store.getAccount(touched)).rejects.toBeInstanceOf(StoreCorruptError)
        await expect(store.accounts()[Symbol.asyncIterator]().next()).rejects.toBeInstanceOf(
          StoreCorruptError,
        )
        // The slots of the batch are sound, and still must not be written without the accounts.
        await expect(store.commit(fullBatch(4000))).rejects.toBeInstanceOf(StoreCorruptError)
        expect(await store.totals()).toEqual(before)
        model.accounts.clear()
        const slots = []
        for await (const leaves of store.slots()) slots.push(...hexEntries(leaves))
        expect(new Map(slots)).toEqual(model.slots)
      })

      test.each<[string, (transaction: StoreTransaction) => Promise<void>]>([
        [
          'with a page under another id',
          async (transaction) => {
            const [[first], [, last]] = await transaction
              .entries('accounts')
              .then((all) => [all[0]!, all.at(-1)!] as const)
            transaction.put('accounts', first, last)
          },
        ],
        [
          'with overlapping pages',
          async (transaction) => transaction.put('accounts', Uint8Array.of(0, 0), new Uint8Array()),
        ],
        [
          'with an id that is none',
          async (transaction) => transaction.put('slots', Uint8Array.of(7), new Uint8Array()),
        ],
        [
          'with a head of another size',
          async (transaction) =>
            transaction.put('meta', new TextEncoder().encode('head'), new Uint8Array(3)),
        ],
        [
          'with a head of no whole numbers',
          async (transaction) =>
            transaction.put(
              'meta',
              new TextEncoder().encode('head'),
              new Uint8Array(40).fill(0x7f),
            ),
        ],
      ])('%s is a StoreCorruptError, and can be cleared', async (_, change) => {
        await commit(fullBatch(3000))
        await damage(change)
        const other = await open()
        const reading = (async () => {
          for await (const leaves of other.accounts()) expect(leaves.count).toBeGreaterThan(0)
        })()
        await expect(reading).rejects.toBeInstanceOf(StoreCorruptError)
        await other.clear()
        model.clear()
        await expectContents(other, model)
        await commit(fullBatch(100))
        await expectContents(other, model)
      })
    })
  })
}

/** Sixty keys, most of which share long prefixes, so that random batches meet each other and split pages. */
const KEYS = Array.from({ length: 60 }, (_, index) => {
  const key = hashKey(`prefix ${index % 3}`)
  key.set(hashKey(index).subarray(0, 4), [0, 1, 16, 28][index % 4]!)
  return key
})
const ABSENT_KEYS = Array.from({ length: 20 }, (_, index) => hashKey(`absent ${index}`))

const anyValue = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.oneof(fc.nat(40), fc.nat(4000)))
  .map(([byte, size]) => new Uint8Array(size).fill(byte))

const anyLeaves = (keys: readonly Uint8Array[]) =>
  fc
    .uniqueArray(fc.tuple(fc.nat(keys.length - 1), anyValue), { selector: ([at]) => at })
    .map((picks) =>
      makeLeaves(
        picks.map(([at]) => keys[at]!),
        (index) => picks[index]![1],
      ),
    )

const SLOT_KEYS = KEYS.map((key, index) => {
  const slot = new Uint8Array(64)
  slot.set(KEYS[index % 5]!)
  slot.set(key, 32)
  return slot
})

const anyBatch: fc.Arbitrary<StoreBatch> = fc.record(
  {
    accounts: anyLeaves(KEYS),
    slots: anyLeaves(SLOT_KEYS),
    codes: fc.array(
      fc.record({
        hash: fc.constantFrom(...KEYS.slice(0, 5)),
        code: fc.uint8Array({ maxLength: 20 }),
      }),
    ),
    journal: fc
      .array(
        fc.tuple(
          fc.oneof(
            fc.constantFrom('a', 'b'),
            fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
          ),
          fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined }),
        ),
      )
      .map((records) => new Map(records)),
  },
  { requiredKeys: [] },
)

const anyStep = fc.oneof(
  { weight: 8, arbitrary: anyBatch },
  { weight: 1, arbitrary: fc.constant('clear' as const) },
  { weight: 1, arbitrary: fc.constant('reopen' as const) },
)

/** A batch with something for every table: `count` accounts and slots, the same in every round but for their values. */
function fullBatch(count: number, round = 0): StoreBatch {
  const value = (index: number) => hashKey(index % 7).map((byte) => byte ^ round)
  const numbers = Array.from({ length: count }, (_, index) => index)
  return {
    accounts: makeLeaves(
      numbers.map((number) => hashKey(`account ${number}`)),
      (index) => new Uint8Array([...value(index), ...value(index + 1)]),
    ),
    slots: makeLeaves(
      numbers.map((number) => slotKey(number % 5, number)),
      value,
    ),
    codes: [{ hash: hashKey(`code ${round}`), code: value(round) }],
    journal: new Map([
      ['cursor', Uint8Array.of(round)],
      [`round ${round}`, value(round)],
      [`round ${round - 1}`, undefined],
    ]),
  }
}

/** The same backend, whose transactions refuse each write after the first `writes`. */
function failAfter(backend: StoreBackend, writes: () => number): StoreBackend {
  return {
    transact: (mode, work) =>
      backend.transact(mode, (transaction) => {
        let left = writes()
        const limited: StoreTransaction = {
          get: (table, key) => transaction.get(table, key),
          has: (table, key) => transaction.has(table, key),
          keys: (table) => transaction.keys(table),
          entries: (table) => transaction.entries(table),
          put: (table, key, value) => {
            if (left-- <= 0) throw new Error('no more writes')
            transaction.put(table, key, value)
          },
          delete: (table, key) => transaction.delete(table, key),
          clear: (table) => transaction.clear(table),
        }
        return work(limited)
      }),
    close: () => backend.close(),
  }
}
