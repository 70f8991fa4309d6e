import { databaseName } from '../../store/databaseName.ts'
import type { StoreError } from '../../store/errors.ts'
import { openIndexedDbStore } from '../../store/openIndexedDbStore.ts'
import { openMemoryStore } from '../../store/openMemoryStore.ts'
import type { StateStore } from '../../store/StateStore.ts'
import type { Hasher } from '../../trie/Hasher.ts'
import type { EngineOptions } from '../protocol.ts'

/** Where a state is kept. */
export interface StorePlace {
  /** Under which other tabs find it; `undefined` where they cannot. */
  sharedName: string | undefined
  /** @throws {StoreError} */
  open: () => Promise<StateStore>
}

/** @param onFault is told of what the store got over */
export function storePlace(
  options: EngineOptions,
  hasher: Pick<Hasher, 'keccak256'>,
  onFault: (fault: StoreError) => void,
): StorePlace {
  const { chainId, genesisHash, storeName: name, storeKind } = options
  if (storeKind === 'memory') return { sharedName: undefined, open: () => openMemoryStore() }
  const identity = { chainId, genesisHash }
  return {
    sharedName: databaseName(identity, name),
    open: () => {
      return openIndexedDbStore({
        identity,
        name,
        onFault,
        keccak256: (code) => hasher.keccak256(code),
      })
    },
  }
}
