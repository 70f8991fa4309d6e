import { keccak_256 } from '@noble/hashes/sha3.js'
import { decodeAccount } from '../../../src/account/accountCodec.ts'
import { type Hex, toHex } from '../../../src/base/bytes/hex.ts'
import type { MemoryState } from '../../../src/served/memoryState.ts'
import type { ServedState } from '../../../src/served/StateSource.ts'
import { MemoryTrie, type TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'

/** A state as its tries hold it: its keys need not be the hashes of anything. */
export interface HashedState {
  /** Account hash and full account RLP. */
  accounts: readonly TrieEntry[]
  /** The storage tries that the accounts name by their roots, each once; the empty one is known. */
  storages?: readonly MemoryTrie[]
  codes?: readonly Uint8Array[]
}

/**
 * Serves a state that is given by its leaves, where `memoryState` hashes slots and encodes
 * accounts.
 */
export function stateOfHashed({ accounts, storages = [], codes = [] }: HashedState): MemoryState {
  const trie = MemoryTrie.from(accounts)
  const stateRoot = toHex(trie.root)
  const tries = new Map<Hex, MemoryTrie>()
  for (const storage of [MemoryTrie.from([]), ...storages]) tries.set(toHex(storage.root), storage)
  const codeByHash = new Map(codes.map((code) => [toHex(keccak_256(code)), code]))
  const storageOf = (account: Uint8Array) => tries.get(toHex(decodeAccount(account).storageRoot))
  const state: ServedState = {
    accounts: trie,
    storage(accountHash) {
      const account = trie.get(accountHash)
      return account && storageOf(account)
    },
  }
  return {
    stateRoot,
    source: {
      state: (root) => (toHex(root) === stateRoot ? state : undefined),
      code: (codeHash) => codeByHash.get(toHex(codeHash)),
    },
    accounts: trie.count,
    slots: accounts.reduce((sum, [, account]) => sum + storageOf(account)!.count, 0),
    codes: codeByHash.size,
  }
}
