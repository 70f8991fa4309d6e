import { decodeAccount } from '../accountCodec.ts'
import { type OnLeaf, TrieSync, type TrieSyncOptions } from '../TrieSync.ts'
import type { TrieSyncStore } from './TrieSyncStore.ts'

/**
 * The heal scheduler of a whole state: of the account trie, of the storage of each account that changes, and of code. What
 * go-ethereum calls `NewStateSync`.
 *
 * `onLeaf` hears of each account before its storage and code are scheduled, and of each slot: one key or two.
 *
 * @param root state root, 32 bytes
 * @example
 * const sync = await stateSync(root, store, { keccak256: verifier.keccak256.bind(verifier) })
 */
export function stateSync(
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
