import { keccak_256 } from '@noble/hashes/sha3.js'
import { encodeAccount } from '../../../src/account/accountCodec.ts'
import { emptyCodeHash, emptyRoot } from '../../../src/account/emptyHashes.ts'
import { bigIntToHash } from '../../../src/base/bytes/hash32.ts'
import { encodeRlp } from '../../../src/rlp/encodeRlp.ts'
import type { TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'

// The states of the reference implementation's sync tests, whose roots are known.

/** Number `n` in 8 bytes, little-endian, then zeros up to 32. */
function referenceKey(n: number): Uint8Array {
  const key = new Uint8Array(32)
  new DataView(key.buffer).setBigUint64(0, BigInt(n), true)
  return key
}

/** The code that account `n` has in these states. */
function referenceCodeHash(n: number): Uint8Array {
  return keccak_256(Uint8Array.of(n % 8))
}

/** The last keys of the 16 chunks into which the key space is split. */
function chunkEnds(): Uint8Array[] {
  return Array.from({ length: 16 }, (_, chunk) => bigIntToHash((BigInt(chunk + 1) << 252n) - 1n))
}

/** Accounts 1 to `count`. */
export function referenceAccounts(
  count: number,
  { storageRoot = (_: number) => emptyRoot(), code = true } = {},
): TrieEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const n = index + 1
    const codeHash = code ? referenceCodeHash(n) : emptyCodeHash()
    const account = { nonce: BigInt(n), balance: BigInt(n), storageRoot: storageRoot(n), codeHash }
    return [referenceKey(n), encodeAccount(account)]
  })
}

/** One account on the last key of each chunk. */
export function boundaryAccounts(): TrieEntry[] {
  return chunkEnds().map((key, chunk) => {
    const [balance, codeHash] = [BigInt(chunk), referenceCodeHash(chunk)]
    return [key, encodeAccount({ nonce: 0n, balance, storageRoot: emptyRoot(), codeHash })]
  })
}

/** Slots 1 to `count` with the values `1 + seed` and so on. */
export function referenceSlots(count: number, seed = 0): TrieEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const value = referenceKey(index + 1 + seed)
    const start = value.findIndex((byte) => byte !== 0)
    return [keccak_256(referenceKey(index + 1)), encodeRlp(value.subarray(start))]
  })
}

/** One slot on the last key of each chunk. */
export function boundarySlots(): TrieEntry[] {
  return chunkEnds().map((key) => [key, Uint8Array.of(0xde, 0xad, 0xbe, 0xef)])
}

/** 3060 entries with hashed keys: the trie of the reference implementation's healing tests. */
export function referenceHealEntries(): TrieEntry[] {
  const entries: TrieEntry[] = []
  for (let low = 0; low < 255; low++) {
    for (let high = 1; high < 13; high++) {
      const key = new Uint8Array(32)
      key.set([high, low], 30)
      entries.push([keccak_256(key), high < 3 ? Uint8Array.of(low) : Uint8Array.of(high, low)])
    }
  }
  return entries
}
