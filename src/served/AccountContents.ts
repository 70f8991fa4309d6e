import { keccak_256 } from '@noble/hashes/sha3.js'
import { decodeAccount, encodeAccount } from '../account/accountCodec.ts'
import { type Hex, toHex } from '../base/bytes/hex.ts'
import { MemoryTrie } from '../trie/memory/MemoryTrie.ts'
import type { ServedState, StateSource } from './StateSource.ts'

/** An account with its storage. */
export interface MemoryAccount {
  nonce: bigint
  balance: bigint
  storage: MemoryTrie
  codeHash: Uint8Array
}

/**
 * Code and storage of the accounts of states in memory that come one out of the other and share
 * what they have in common. That takes tries of objects; a state that never changes is served from
 * packed leaves (`memoryState`), in a tenth of the memory. A storage trie lives as long as the
 * encoded account that it belongs to; code stays.
 */
export class AccountContents {
  readonly keccak256: (input: Uint8Array) => Uint8Array
  readonly #codes = new Map<Hex, Uint8Array>()
  /**
   * By the encoded account itself, which the states that have it hold: the last of them frees the
   * storage too.
   */
  readonly #storages = new WeakMap<Uint8Array, MemoryTrie>()
  readonly #noStorage: MemoryTrie

  /**
   * @param keccak256 the hash; a `Verifier`'s, where there is one, is faster than the default in
   *   JavaScript
   */
  constructor(keccak256: (input: Uint8Array) => Uint8Array = keccak_256) {
    this.keccak256 = keccak256
    this.#noStorage = MemoryTrie.from([], keccak256)
  }

  /** How many different codes there are. */
  get codeCount(): number {
    return this.#codes.size
  }

  /** @returns the code's hash */
  addCode(code: Uint8Array): Uint8Array {
    const hash = this.keccak256(code)
    if (code.length > 0) this.#codes.set(toHex(hash), code)
    return hash
  }

  code(codeHash: Uint8Array): Uint8Array | undefined {
    return this.#codes.get(toHex(codeHash))
  }

  /**
   * The account as a leaf of the account trie. Only these very bytes lead to its storage, no copy
   * of them.
   */
  encode({ nonce, balance, storage, codeHash }: MemoryAccount): Uint8Array {
    const encoded = encodeAccount({ nonce, balance, storageRoot: storage.root, codeHash })
    if (storage.count > 0) this.#storages.set(encoded, storage)
    return encoded
  }

  /** @param encoded what `encode` gave */
  decode(encoded: Uint8Array): MemoryAccount {
    const { nonce, balance, codeHash } = decodeAccount(encoded)
    return { nonce, balance, storage: this.#storageOf(encoded), codeHash }
  }

  /**
   * Serves the states whose accounts `accounts` gives.
   * @param accounts the account trie of a root, its leaves made by `encode`; `undefined` for an
   *   unknown root
   */
  serve(accounts: (root: Uint8Array) => MemoryTrie | undefined): StateSource {
    return {
      state: (root) => {
        const trie = accounts(root)
        return trie && this.#served(trie)
      },
      code: (codeHash) => this.code(codeHash),
    }
  }

  #served(accounts: MemoryTrie): ServedState {
    return {
      accounts,
      storage: (accountHash) => {
        const encoded = accounts.get(accountHash)
        return encoded && this.#storageOf(encoded)
      },
    }
  }

  #storageOf(encoded: Uint8Array): MemoryTrie {
    return this.#storages.get(encoded) ?? this.#noStorage
  }
}
