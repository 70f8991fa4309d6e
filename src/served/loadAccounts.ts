import { type Hex, toHex } from '../base/bytes/hex.ts'
import { encodeRlp } from '../rlp/encodeRlp.ts'
import { MemoryTrie, type TrieEntry } from '../trie/memory/MemoryTrie.ts'
import type { AccountContents } from './AccountContents.ts'
import type { AccountEntry } from './AccountEntry.ts'
import { expectDeclared } from './expectDeclared.ts'
import type { StateSize } from './StateSize.ts'

/**
 * Builds the tries of a state that shall change: that of its accounts is returned, storage and code
 * go to `contents`.
 *
 * @throws {AccountMismatchError} when an account's code or storage is not what it declares
 * @throws {LeafOrderError} when an account occurs twice, or a slot twice in one account
 */
export function loadAccounts(
  entries: Iterable<AccountEntry>,
  contents: AccountContents,
): { accounts: MemoryTrie; size: StateSize } {
  const storages = new Map<Hex, MemoryTrie>()
  const leaves: TrieEntry[] = []
  let slots = 0
  for (const entry of entries) {
    const codeHash = contents.addCode(entry.code)
    expectDeclared(entry, 'code hash', codeHash)
    const built = storageTrie(entry, contents.keccak256)
    expectDeclared(entry, 'storage root', built.root)
    // What several accounts have in common is held once.
    const storage = storages.get(toHex(built.root)) ?? built
    storages.set(toHex(built.root), storage)
    slots += storage.count
    const { nonce, balance } = entry
    leaves.push([entry.hash, contents.encode({ nonce, balance, storage, codeHash })])
  }
  const size = { accounts: leaves.length, slots, codes: contents.codeCount }
  return { accounts: MemoryTrie.from(leaves, contents.keccak256), size }
}

function storageTrie(
  { storage, hashedStorage = [] }: AccountEntry,
  keccak256: (input: Uint8Array) => Uint8Array,
): MemoryTrie {
  const leaves: TrieEntry[] = []
  for (const [slot, value] of storage) {
    if (value !== 0n) leaves.push([keccak256(slot), encodeRlp(value)])
  }
  for (const [slotHash, value] of hashedStorage) {
    if (value !== 0n) leaves.push([slotHash, encodeRlp(value)])
  }
  return MemoryTrie.from(leaves, keccak256)
}
