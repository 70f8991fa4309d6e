import { RLP } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Account } from '../../../src/account/Account.ts'
import { encodeAccount } from '../../../src/account/accountCodec.ts'
import { emptyCodeHash } from '../../../src/account/emptyHashes.ts'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { StateSource } from '../../../src/served/StateSource.ts'
import { MemoryTrie } from '../../../src/trie/memory/MemoryTrie.ts'

/** An account and what belongs to it. */
export interface SampleAccount {
  hash: Uint8Array
  account: Account
  storage: MemoryTrie
}

/** A state of 64 accounts with all kinds of storage, in memory. */
export interface SampleState {
  source: StateSource
  root: Uint8Array
  accounts: MemoryTrie
  /** In ascending order of their hashes. */
  sorted: readonly SampleAccount[]
  /** 300 slots. */
  large: SampleAccount
  /** Ten slots. */
  small: SampleAccount
  /** Two slots that differ in the last nibble only: their leaf nodes are embedded in a branch. */
  embedding: SampleAccount
  /** Neither code nor storage. */
  plain: SampleAccount
  /** 100, 200, 300, 400 and 500 bytes. */
  codes: readonly Uint8Array[]
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

function slots(count: number): MemoryTrie {
  return MemoryTrie.from(
    Array.from({ length: count }, (_, index) => [
      keccak_256(text(`slot ${index}`)),
      RLP.encode(index + 1),
    ]),
  )
}

/** The same state every time. */
export function sampleState(): SampleState {
  const codes = [100, 200, 300, 400, 500].map((size) => new Uint8Array(size).fill(size / 100))
  const lastNibbles = MemoryTrie.from([
    [new Uint8Array(32).fill(1, 31), Uint8Array.of(1)],
    [new Uint8Array(32).fill(2, 31), Uint8Array.of(2)],
  ])
  const storages = [slots(300), slots(10), lastNibbles]

  const all = Array.from({ length: 64 }, (_, index): SampleAccount => {
    const storage = storages[index] ?? slots(0)
    const codeHash = codes[index] === undefined ? emptyCodeHash() : keccak_256(codes[index])
    const account = {
      nonce: BigInt(index),
      balance: 10n ** 18n,
      storageRoot: storage.root,
      codeHash,
    }
    return { hash: keccak_256(text(`account ${index}`)), account, storage }
  })
  const accounts = MemoryTrie.from(all.map(({ hash, account }) => [hash, encodeAccount(account)]))

  const storageOf = new Map(all.map(({ hash, storage }) => [bytesToHex(hash), storage]))
  const codeOf = new Map(codes.map((code) => [bytesToHex(keccak_256(code)), code]))
  const source: StateSource = {
    state: (root) =>
      compareBytes(root, accounts.root) === 0
        ? { accounts, storage: (hash) => storageOf.get(bytesToHex(hash)) }
        : undefined,
    code: (hash) => codeOf.get(bytesToHex(hash)),
  }
  const [large, small, embedding] = all as [SampleAccount, SampleAccount, SampleAccount]
  return {
    source,
    root: accounts.root,
    accounts,
    sorted: all.toSorted((a, b) => compareBytes(a.hash, b.hash)),
    large,
    small,
    embedding,
    plain: all[63]!,
    codes,
  }
}
