import { decodeAccount } from '../../../account/accountCodec.ts'
import type { OnLeaf } from './SyncedLeaf.ts'
import { TrieSync } from './TrieSync.ts'
import type { TrieSyncOptions } from './TrieSyncOptions.ts'
import type { TrieSyncStore } from './TrieSyncStore.ts'

/**
 * The heal scheduler of a whole state: of the account trie, of the storage of each account that
 * changes, and of code.
 *
 * go-ethereum's `NewStateSync(root, database, onLeaf, scheme)`: the database is `store`, whose
 * answers stand for its scheme, too, and `onLeaf` is one of the options. It hears of each account
 * before its storage and then its code are scheduled, and of each slot: one key or two.
 *
 * @param root state root, 32 bytes
 * @example
 * const sync = await newStateSync(root, store, { keccak256: keccak_256 })
 * @see https://github.com/ethereum/go-ethereum/blob/master/core/state/sync.go
 */
export function newStateSync(
  root: Uint8Array,
  store: TrieSyncStore,
  options: TrieSyncOptions,
): Promise<TrieSync> {
  const { onLeaf } = options
  const onAccount: OnLeaf = async (leaf, sync) => {
    await onLeaf?.(leaf, sync)
    const { storageRoot, codeHash } = decodeAccount(leaf.value)
    await sync.addSubTrie(storageRoot, leaf.path, leaf.parent, onLeaf)
    await sync.addCodeEntry(codeHash, leaf.path, leaf.parent)
  }
  return TrieSync.start(root, store, { ...options, onLeaf: onAccount })
}
