import { compareBytes } from '../../base/bytes/compareBytes.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { PackedTrie } from '../../trie/packed/PackedTrie.ts'
import type { ServedState, ServedTrie, StateSource } from '../StateSource.ts'
import type { PackedContents } from './PackedContents.ts'

/** An account ends in its storage root and its code hash, each behind a header of one byte. */
const STORAGE_ROOT = -65
const STORAGE_ROOT_END = -33

/**
 * One state in memory: accounts packed, and what they refer to. Some 130 bytes per account, some 45
 * per slot.
 */
export class PackedState implements ServedState {
  readonly accounts: PackedTrie
  readonly #contents: PackedContents

  /**
   * @param accounts sorted; values as the trie holds them, whose storage and code are in
   *   `contents`; kept
   * @throws {LeafOrderError} when an account occurs twice
   */
  constructor(accounts: Leaves, contents: PackedContents) {
    this.accounts = new PackedTrie(accounts, contents.batch)
    this.#contents = contents
  }

  /** May be taken for itself, as who bends one part of a state for a test does. */
  readonly storage = (accountHash: Uint8Array): ServedTrie | undefined => {
    const account = this.accounts.get(accountHash)
    return account && this.#contents.storage(account.subarray(STORAGE_ROOT, STORAGE_ROOT_END))
  }

  /** Serves this one state. */
  get source(): StateSource {
    return {
      state: (root) => (compareBytes(root, this.accounts.root) === 0 ? this : undefined),
      code: (codeHash) => this.#contents.code(codeHash),
    }
  }
}
