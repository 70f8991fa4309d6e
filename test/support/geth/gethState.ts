import { emptyRoot } from '../../../src/account/emptyHashes.ts'
import { encodeRlp } from '../../../src/rlp/encodeRlp.ts'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import type { MemoryState } from '../../../src/served/memoryState.ts'
import { MemoryTrie, type TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'
import {
  boundaryAccounts,
  boundarySlots,
  referenceAccounts,
  referenceSlots,
} from '../trie/referenceState.ts'
import { stateOfHashed } from './stateOfHashed.ts'

/** Codes of one byte: all that accounts of these states have. */
const CODES = Array.from({ length: 8 }, (_, byte) => Uint8Array.of(byte))

/**
 * The states of go-ethereum's eth/protocols/snap/sync_test.go, whose roots are known but for the
 * random ones.
 */
export const gethState = {
  /** Accounts with code and without storage. */
  accounts(count: number): MemoryState {
    return stateOfHashed({ accounts: referenceAccounts(count), codes: CODES })
  },

  /** As `accounts`, and one more on the last key of each of the 16 chunks. */
  boundaryAccounts(count: number): MemoryState {
    const accounts = [...boundaryAccounts(), ...referenceAccounts(count)]
    return stateOfHashed({ accounts, codes: CODES })
  },

  /** Accounts that all have the same slots. */
  sharedStorage(accounts: number, slots: number, { code = false, boundary = false } = {}) {
    const edges = boundary ? boundarySlots() : []
    const storage = MemoryTrie.from([...edges, ...referenceSlots(slots)])
    return withStorages(accounts, () => storage, code)
  },

  /** Accounts that have slots of their own at the same keys. */
  uniqueStorage(accounts: number, slots: number): MemoryState {
    return withStorages(accounts, (n) => MemoryTrie.from(referenceSlots(slots, n)))
  },

  /**
   * Accounts whose slots are crowded in three 256ths of the key space, so that most ranges of it
   * are empty.
   */
  unevenStorage(accounts: number, slots: number, random: SeededRandom): MemoryState {
    return withStorages(accounts, () => MemoryTrie.from(unevenSlots(slots, random)))
  },
}

/** @param storageOf the storage of account number 1, 2, … */
function withStorages(count: number, storageOf: (n: number) => MemoryTrie, code = false) {
  const storages = Array.from({ length: count }, (_, index) => storageOf(index + 1))
  const storageRoot = (n: number) => storages[n - 1]?.root ?? emptyRoot()
  const accounts = referenceAccounts(count, { storageRoot, code })
  return stateOfHashed({ accounts, storages, codes: code ? CODES : [] })
}

function unevenSlots(count: number, random: SeededRandom): TrieEntry[] {
  const firstBytes = new Set<number>()
  // The end of the key space stays empty.
  while (firstBytes.size < 3) firstBytes.add(random.below(15))
  return [...firstBytes].flatMap((byte) =>
    Array.from({ length: Math.floor(count / 3) }, (): TrieEntry => {
      return [Uint8Array.of(byte, ...random.bytes(31)), encodeRlp(random.bytes(32))]
    }),
  )
}
