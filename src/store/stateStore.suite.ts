import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { packLeaves } from '../leaves/packLeaves.ts'
import type { StoreBackend } from './backend/StoreBackend.ts'
import type { StateStore } from './StateStore.ts'

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
 */
export function stateStoreSuite(name: string, create: () => Promise<StoreFixture>): void {
  describe(`a ${name} store`, () => {
    let fixture: StoreFixture
    let store: StateStore

    beforeEach(async () => {
      fixture = await create()
      store = await fixture.open()
    })

    afterEach(async () => {
      await store.close()
      await fixture.destroy()
    })

    test('reads what was committed, in order', async () => {
      const keys = Array.from({ length: 5000 }, (_, index) => {
        const key = new Uint8Array(32)
        new DataView(key.buffer).setUint32(0, index * 800_000)
        return key
      })
      const value = new Uint8Array(100).fill(7)
      await store.commit({ accounts: packLeaves(keys.map((key) => [key, value])) })
      expect(await store.getAccount(keys[77]!)).toEqual(value)
      const read = []
      for await (const leaves of store.accounts()) read.push(...leaves.keys)
      expect(Uint8Array.from(read)).toEqual(packLeaves(keys.map((key) => [key, value])).keys)
      expect(await store.totals()).toEqual({
        accounts: 5000,
        slots: 0,
        codes: 0,
        bytes: 5000 * 132,
      })
    })
  })
}
