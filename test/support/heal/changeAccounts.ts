import { bytesToHex } from '@noble/hashes/utils.js'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import type { TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'
import { changeEntries } from './changeEntries.ts'
import type { TruthAccount } from './SyncTruth.ts'

/** The next version of a state: accounts come, go and change, and so do their slots and codes. */
export function changeAccounts(
  random: SeededRandom,
  accounts: readonly TruthAccount[],
): TruthAccount[] {
  const old = new Map(accounts.map((account) => [bytesToHex(account.hash), account]))
  // The values tell which accounts changed.
  const entries = accounts.map(({ hash, nonce }): TrieEntry => [hash, Uint8Array.of(Number(nonce))])
  const next = changeEntries(random, entries, 32).map(([hash, value]): TruthAccount => {
    const before = old.get(bytesToHex(hash))
    const nonce = BigInt(value[0]!)
    if (before?.nonce === nonce && random.below(4) > 0) return before
    const storage = before?.storage ?? []
    return {
      hash: keepDistance(hash),
      nonce,
      balance: before?.balance ?? BigInt(random.below(1000)),
      code:
        random.below(3) === 0
          ? Uint8Array.of(1, random.below(5))
          : (before?.code ?? new Uint8Array()),
      storage: random.below(3) > 0 ? changeEntries(random, storage, 32) : storage,
    }
  })
  // Keys that differed in their last nibble only became one.
  return [...new Map(next.map((account) => [bytesToHex(account.hash), account])).values()]
}

/** No two account hashes share 63 nibbles, as none will. */
function keepDistance(hash: Uint8Array): Uint8Array {
  return hash.with(31, hash[31]! & 0xf0)
}
