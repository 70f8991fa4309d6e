import { encodeRlp } from '../bytes/encodeRlp.ts'
import { type Hex, toHex } from '../bytes/hex.ts'
import { MemoryTrie, type TrieEntry } from '../trie/MemoryTrie.ts'
import type { AccountContents } from './AccountContents.ts'
import type { AccountEntry } from './AccountEntry.ts'
import { AccountMismatchError } from './AccountMismatchError.ts'

/** How much of a state there is, or has been built. */
export interface StateSize {
  accounts: number
  /** Storage slots over all accounts. */
  slots: number
  /** Different codes. */
  codes: number
}

/** Accounts between two reports: some 0.3 s of work. */
const REPORT_EVERY = 10_000

/**
 * Builds the tries of a state: that of its accounts is returned, storage and code go to `contents`.
 *
 * @param onProgress called now and then
 * @throws {AccountMismatchError} when an account's code or storage is not what it declares
 * @throws {LeafOrderError} when an account occurs twice, or a slot twice in one account
 */
export function loadAccounts(
  entries: Iterable<AccountEntry>,
  contents: AccountContents,
  onProgress: (size: StateSize) => void = () => {},
): { accounts: MemoryTrie; size: StateSize } {
  const storages = new Map<Hex, MemoryTrie>()
  const leaves: TrieEntry[] = []
  let slots = 0
  const size = () => ({ accounts: leaves.length, slots, codes: contents.codeCount })
  for (const entry of entries) {
    const codeHash = contents.addCode(entry.code)
    expect(entry, 'code hash', entry.codeHash, codeHash)
    const built = storageTrie(entry, contents.keccak256)
    expect(entry, 'storage root', entry.storageRoot, built.root)
    // What several accounts have in common is held once.
    const storage = storages.get(toHex(built.root)) ?? built
    storages.set(toHex(built.root), storage)
    slots += storage.count
    const { nonce, balance } = entry
    leaves.push([entry.hash, contents.encode({ nonce, balance, storage, codeHash })])
    if (leaves.length % REPORT_EVERY === 0) onProgress(size())
  }
  return { accounts: MemoryTrie.from(leaves, contents.keccak256), size: size() }
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

function expect(
  { name }: AccountEntry,
  what: 'code hash' | 'storage root',
  declared: Hex | undefined,
  computed: Uint8Array,
): void {
  if (declared !== undefined && declared !== toHex(computed)) {
    throw new AccountMismatchError(name, what, declared, toHex(computed))
  }
}
