import { IndexedDbBackend } from './backend/IndexedDbBackend.ts'
import { databaseName } from './databaseName.ts'
import type { StoreError } from './errors.ts'
import { PagedStore } from './PagedStore.ts'
import type { StateStore, StoreIdentity } from './StateStore.ts'

export interface IndexedDbStoreOptions {
  /** Which chain's state the store holds. */
  identity: StoreIdentity
  /** Tells stores of one origin and one chain apart. Default: `'cambium'` */
  name?: string
  /**
   * Checks codes when they are loaded. @default JavaScript's, which takes ten times as long as
   * wasm's
   */
  keccak256?: ((code: Uint8Array) => Uint8Array) | undefined
  /** Told of a `StoreReopenedError` and a `StoreLostError`, which do not stop the store. */
  onFault?: (fault: StoreError) => void
}

/**
 * Opens the state of a chain in this origin's IndexedDB, and makes an empty one if it does not
 * exist. Any number of stores may be open over it, in this tab and others, and all of them may read
 * and write.
 *
 * Rejects with `StoreVersionError` when a newer Cambium wrote it (it is left as it is),
 * `StoreBlockedError` when another tab keeps it from being upgraded, `StoreQuotaError`,
 * `StoreUnavailableError`, and `StoreInputError` when the identity is none. While another page is
 * busy deleting the database, opening waits until that is through.
 *
 * @example
 * const store = await openIndexedDbStore({ identity: { chainId: 1, genesisHash } })
 */
export async function openIndexedDbStore({
  identity,
  name = 'cambium',
  keccak256,
  onFault,
}: IndexedDbStoreOptions): Promise<StateStore> {
  const backend = await IndexedDbBackend.open(databaseName(identity, name), onFault)
  return new PagedStore(backend, keccak256)
}
