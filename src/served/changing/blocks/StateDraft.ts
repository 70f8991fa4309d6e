import { bytesToHex } from '@noble/hashes/utils.js'
import type { MemoryTrie } from '../../../trie/memory/MemoryTrie.ts'
import type { AccountContents, MemoryAccount } from '../../AccountContents.ts'
import type { SeededRandom } from '../SeededRandom.ts'
import { keyNear } from './keyNear.ts'

/**
 * Account hashes differ in their first 63 nibbles: the leaf of one that did not would stand at the
 * path at which, in snap's way to name nodes by account and path, its storage begins.
 */
const LAST_FORK = 62

/**
 * How often a random account may be none that is wanted: finds 1 in 10 with a probability of 97 %.
 */
const TRIES = 32

interface DraftAccount {
  hash: Uint8Array
  account: MemoryAccount
}

/** A state while a block changes it. */
export class StateDraft {
  readonly contents: AccountContents
  readonly #accounts: MemoryTrie
  readonly #random: SeededRandom
  /** By account hash; without `account` where it is gone. */
  readonly #changed = new Map<string, { hash: Uint8Array; account?: MemoryAccount }>()
  #count: number

  constructor(accounts: MemoryTrie, contents: AccountContents, random: SeededRandom) {
    this.contents = contents
    this.#accounts = accounts
    this.#random = random
    this.#count = accounts.count
  }

  /** How many accounts there are. */
  get count(): number {
    return this.#count
  }

  /**
   * A random account that was there before the block and is now as `wanted`; `undefined` when none
   * is met.
   */
  pick(wanted: (account: MemoryAccount) => boolean = () => true): DraftAccount | undefined {
    for (let tries = 0; tries < TRIES && this.#accounts.count > 0; tries++) {
      const [hash] = this.#accounts.at(this.#random.below(this.#accounts.count))!
      const account = this.#read(hash)
      if (account !== undefined && wanted(account)) return { hash, account }
    }
    return undefined
  }

  put(hash: Uint8Array, account: MemoryAccount): void {
    if (this.#read(hash) === undefined) this.#count++
    this.#changed.set(bytesToHex(hash), { hash, account })
  }

  remove(hash: Uint8Array): void {
    if (this.#read(hash) !== undefined) this.#count--
    this.#changed.set(bytesToHex(hash), { hash })
  }

  /**
   * A hash that no account has.
   * @param near part of the hashes that have a prefix of any length in common with that of an
   *   account
   */
  newHash(near: number): Uint8Array {
    for (;;) {
      const other = this.#random.below(1000) < near * 1000 ? this.pick() : undefined
      const hash = other ? keyNear(this.#random, other.hash, LAST_FORK) : this.#random.bytes(32)
      if (!this.#isClose(hash)) return hash
    }
  }

  /** The trie of the accounts after the block. */
  finish(): MemoryTrie {
    return this.#accounts.with(
      [...this.#changed.values()].map(({ hash, account }) => {
        return [hash, account && this.contents.encode(account)] as const
      }),
    )
  }

  #read(hash: Uint8Array): MemoryAccount | undefined {
    const changed = this.#changed.get(bytesToHex(hash))
    if (changed !== undefined) return changed.account
    const encoded = this.#accounts.get(hash)
    return encoded && this.contents.decode(encoded)
  }

  /** Whether an account has the same first 63 nibbles, or had them before the block. */
  #isClose(hash: Uint8Array): boolean {
    const [above] = this.#accounts.leaves(hash.with(31, hash[31]! & 0xf0))
    const prefix = bytesToHex(hash).slice(0, -1)
    const others = [...this.#changed.keys(), ...(above ? [bytesToHex(above[0])] : [])]
    return others.some((other) => other.startsWith(prefix))
  }
}
