import type { StateStore } from '../../store/StateStore.ts'

/**
 * The one store of an engine. Somebody else may close it, by deleting or upgrading the database;
 * then it is opened again.
 */
export class StoreSlot {
  readonly #openStore: () => Promise<StateStore>
  #store: Promise<StateStore> | undefined

  constructor(openStore: () => Promise<StateStore>) {
    this.#openStore = openStore
  }

  /** The store, opened where it is not. */
  get(): Promise<StateStore> {
    this.#store ??= this.#openStore().catch((error) => {
      this.#store = undefined
      throw error
    })
    return this.#store
  }

  /** The store was closed by somebody else. */
  drop(): void {
    this.#store = undefined
  }

  async close(): Promise<void> {
    const store = await this.#store?.catch(() => undefined)
    await store?.close()
  }
}
