import { bytesToHex } from '@noble/hashes/utils.js'
import { firstIndex } from '../../base/firstIndex.ts'
import type { NibblePath } from '../../trie/nibbles.ts'
import { markName, markRecord } from './markRecord.ts'

/**
 * The accounts whose storage or code may be incomplete though hashes match: a matching hash proves
 * the account, not what hangs below it. Healing looks at each of them.
 *
 * In the journal every one has a record of its own, so that a change costs what changed, and is in
 * the same transaction as the leaves that make it true: who changes this set puts `takeChanges`
 * into his next batch.
 *
 * @example
 * const { incomplete } = readIncompleteAccounts(await store.journal())
 * incomplete.add(accountHash)
 * await store.commit({ slots, journal: incomplete.takeChanges() })
 */
export class IncompleteAccounts implements Iterable<string> {
  /**
   * In hexadecimal, ascending. One array: there are some thousands at most, and splicing moves 8
   * bytes for each.
   */
  readonly #hashes: string[]
  /**
   * Those that were added or removed since changes were last taken, and whether they were in
   * before.
   */
  readonly #before = new Map<string, boolean>()

  /** Journal records that stand for no account. */
  #strays: readonly string[]

  /**
   * @param hashes accounts that have a record: in hexadecimal without prefix, in any order, each
   *   once
   * @param strays names of records that the next changes remove
   */
  constructor(hashes: Iterable<string> = [], strays: readonly string[] = []) {
    this.#hashes = [...hashes].sort()
    this.#strays = strays
  }

  get size(): number {
    return this.#hashes.length
  }

  /** The account hashes in hexadecimal without prefix, ascending. */
  [Symbol.iterator](): Iterator<string> {
    return this.#hashes.values()
  }

  has(accountHash: Uint8Array): boolean {
    const hash = bytesToHex(accountHash)
    return this.#hashes[this.#lowerBound(hash)] === hash
  }

  /** Whether one of them lies under a path in the account trie. */
  anyUnder(path: NibblePath): boolean {
    if (this.#hashes.length === 0) return false
    let prefix = ''
    for (const nibble of path) prefix += nibble.toString(16)
    return this.#hashes[this.#lowerBound(prefix)]?.startsWith(prefix) ?? false
  }

  add(accountHash: Uint8Array): void {
    const hash = bytesToHex(accountHash)
    const at = this.#lowerBound(hash)
    if (this.#hashes[at] === hash) return
    this.#hashes.splice(at, 0, hash)
    this.#changed(hash, false)
  }

  remove(accountHash: Uint8Array): void {
    this.removeRange(accountHash, accountHash)
  }

  /** Removes all from the first account hash to the last, both included. */
  removeRange(first: Uint8Array, last: Uint8Array): void {
    const from = this.#lowerBound(bytesToHex(first))
    // No hexadecimal digit comes after it.
    const to = this.#lowerBound(`${bytesToHex(last)}~`)
    for (const hash of this.#hashes.splice(from, to - from)) this.#changed(hash, true)
  }

  /** The journal records that changed since the last time; `undefined`: to be removed. */
  takeChanges(): Map<string, Uint8Array | undefined> {
    const changes = new Map<string, Uint8Array | undefined>()
    for (const name of this.#strays) changes.set(name, undefined)
    this.#strays = []
    for (const [hash, before] of this.#before) {
      const isIn = this.#hashes[this.#lowerBound(hash)] === hash
      if (isIn !== before) changes.set(markName(hash), isIn ? markRecord(hash) : undefined)
    }
    this.#before.clear()
    return changes
  }

  #changed(hash: string, before: boolean): void {
    if (!this.#before.has(hash)) this.#before.set(hash, before)
  }

  #lowerBound(hash: string): number {
    return firstIndex(this.#hashes.length, (index) => this.#hashes[index]! >= hash)
  }
}
