import { expect, vi } from 'vitest'
import type { StoreBackend, StoreTransaction } from '../../../src/store/backend/StoreBackend.ts'
import { PageViews } from '../../../src/store/directory/PageViews.ts'
import type { StateStore, StoreBatch } from '../../../src/store/StateStore.ts'
import { decodeManifest } from '../../../src/store/StoreManifest.ts'
import { KEY_SIZES, PAGE_TABLES, type PageTableName } from '../../../src/store/view/PageTable.ts'
import { expectContents } from './expectContents.ts'
import { StoreModel } from './StoreModel.ts'

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
 * A database, an open store over it, and the model of what it should hold; all of them new for each
 * test.
 */
export class StoreUnderTest {
  readonly #create: () => Promise<StoreFixture>
  #fixture!: StoreFixture
  readonly #connections: { close(): void | Promise<void> }[] = []
  #lookingOn: StoreBackend | undefined
  store!: StateStore
  model = new StoreModel()

  /** @param create makes a new, empty database */
  constructor(create: () => Promise<StoreFixture>) {
    this.#create = create
  }

  async setUp(): Promise<void> {
    this.#fixture = await this.#create()
    this.model = new StoreModel()
    this.store = await this.open()
  }

  async tearDown(): Promise<void> {
    for (const connection of this.#connections.splice(0)) await connection.close()
    this.#lookingOn = undefined
    await this.#fixture.destroy()
  }

  /** Another store over the same database; it is closed after the test. */
  async open(): Promise<StateStore> {
    return this.closeLater(await this.#fixture.open())
  }

  async openBackend(): Promise<StoreBackend> {
    return this.closeLater(await this.#fixture.backend())
  }

  closeLater<Connection extends { close(): void | Promise<void> }>(it: Connection): Connection {
    this.#connections.push(it)
    return it
  }

  /** Commits to the store and, when that succeeded, to the model. */
  async commit(batch: StoreBatch): Promise<void> {
    await this.store.commit(batch)
    this.model.commit(batch)
  }

  async expectContents(store = this.store): Promise<void> {
    await expectContents(store, this.model)
  }

  /** The sizes of the pages of a table, as they are stored. */
  async pageSizes(table: 'accounts' | 'slots'): Promise<number[]> {
    const backend = await this.openBackend()
    const pages = await backend.transact('readonly', (transaction) => transaction.entries(table))
    expect(pages.length).toBeGreaterThan(0)
    return pages.map(([, page]) => page.length)
  }

  /** The pages of a table, made of nothing but what is stored. */
  async pageViews(table: PageTableName): Promise<PageViews> {
    this.#lookingOn ??= await this.openBackend()
    return this.#lookingOn.transact('readonly', async (transaction) => {
      const head = decodeManifest(await transaction.get('meta', new TextEncoder().encode('head')))
      return PageViews.load(await transaction.keys(table), KEY_SIZES[table], head.generation)
    })
  }

  /**
   * Waits until nothing is stored but what one of the states shows.
   * @param givenUp whether nothing more can be expected
   */
  async expectNoGarbage(givenUp = () => false): Promise<void> {
    for (const table of PAGE_TABLES) {
      await vi.waitFor(
        async () => {
          const { garbage } = await this.pageViews(table)
          if (!givenUp()) expect(garbage.map(String)).toEqual([])
        },
        { interval: 5, timeout: 10_000 },
      )
    }
  }

  /** Changes what is stored behind the store's back. */
  async damage(change: (transaction: StoreTransaction) => Promise<void>): Promise<void> {
    await (await this.openBackend()).transact('readwrite', change)
  }
}
