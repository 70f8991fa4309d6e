import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { encodeRlp } from '../bytes/encodeRlp.ts'
import { type Hex, toHex } from '../bytes/hex.ts'
import { encodeAccount } from '../trie/accountCodec.ts'
import { MemoryTrie, type TrieEntry } from '../trie/MemoryTrie.ts'
import type { AccountEntry } from './AccountEntry.ts'
import { AccountMismatchError } from './AccountMismatchError.ts'
import type { ServedState, StateSource } from './StateSource.ts'

/** How much of a state there is, or has been built. */
export interface StateSize {
  accounts: number
  /** Storage slots over all accounts. */
  slots: number
  /** Different codes. */
  codes: number
}

export interface MemoryState extends StateSize {
  stateRoot: Hex
  source: StateSource
}

/** Accounts between two reports: some 0.3 s of work. */
const REPORT_EVERY = 10_000

/**
 * Builds a state in memory, with all its tries, and serves it.
 *
 * Costs some 600 bytes per account and per slot; code and storage that several accounts have in common are held once.
 *
 * @param onProgress called now and then while the state is built
 * @throws {AccountMismatchError} when an account's code or storage is not what it declares
 * @throws {LeafOrderError} when an account occurs twice, or a slot twice in one account
 */
export function memoryState(
  entries: Iterable<AccountEntry>,
  onProgress: (size: StateSize) => void = () => {},
): MemoryState {
  const codes = new Map<Hex, Uint8Array>()
  const storages = new Map<Hex, MemoryTrie>()
  const storageRoots = new Map<string, Hex>()
  const leaves: TrieEntry[] = []
  let slots = 0
  for (const entry of entries) {
    const codeHash = keccak_256(entry.code)
    expect(entry, 'code hash', entry.codeHash, codeHash)
    if (entry.code.length > 0) codes.set(toHex(codeHash), entry.code)

    const storage = storageTrie(entry)
    expect(entry, 'storage root', entry.storageRoot, storage.root)
    if (storage.count > 0) {
      const storageRoot = toHex(storage.root)
      if (!storages.has(storageRoot)) storages.set(storageRoot, storage)
      storageRoots.set(bytesToHex(entry.hash), storageRoot)
      slots += storage.count
    }

    const { nonce, balance } = entry
    leaves.push([
      entry.hash,
      encodeAccount({ nonce, balance, storageRoot: storage.root, codeHash }),
    ])
    if (leaves.length % REPORT_EVERY === 0) {
      onProgress({ accounts: leaves.length, slots, codes: codes.size })
    }
  }

  const accounts = MemoryTrie.from(leaves)
  const stateRoot = toHex(accounts.root)
  const empty = MemoryTrie.from([])
  const state: ServedState = {
    accounts,
    storage(accountHash) {
      const storageRoot = storageRoots.get(bytesToHex(accountHash))
      if (storageRoot !== undefined) return storages.get(storageRoot)
      return accounts.get(accountHash) === undefined ? undefined : empty
    },
  }
  return {
    stateRoot,
    source: {
      state: (root) => (toHex(root) === stateRoot ? state : undefined),
      code: (codeHash) => codes.get(toHex(codeHash)),
    },
    ...{ accounts: accounts.count, slots, codes: codes.size },
  }
}

function storageTrie({ storage }: AccountEntry): MemoryTrie {
  const leaves: TrieEntry[] = []
  for (const [slot, value] of storage) {
    if (value !== 0n) leaves.push([keccak_256(slot), encodeRlp(value)])
  }
  return MemoryTrie.from(leaves)
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
