import { bytesToHex } from '@noble/hashes/utils.js'
import { DerivedTrie } from '../../trie/derived/DerivedTrie.ts'
import type { NibblePath } from '../../trie/nibbles.ts'
import { nibblesToBytes } from '../../trie/sync/nibblesToBytes.ts'
import { ACCOUNT_NIBBLES } from '../../trie/sync/syncPath.ts'
import type { TrieSyncStore } from '../../trie/sync/TrieSyncStore.ts'
import type { Verifier } from '../../wasm/Verifier.ts'
import type { HealView } from './HealView.ts'
import type { IncompleteAccounts } from './IncompleteAccounts.ts'

/**
 * Storage tries whose upper part is kept, of those asked last. The slots of large contracts are read once and not once for
 * each of their nodes; each keeps at most 16 pages of 32 KB and what was made of them, about 2 MB.
 */
const KEPT_STORAGE_TRIES = 16

/**
 * What a `TrieSync` asks, answered from stored leaves: nodes are derived, and above an incomplete account none counts.
 *
 * Answers are those of what is written. What the scheduler gave out and is not written yet makes no difference, however
 * late it comes: a scheduler asks only for paths below a node that is in process, each once; the operations that it has
 * given out are for nodes that have everything below them, and so touch nothing that is still to be asked. What it asks a
 * second time, storage below a node that failed in process, may at most be fetched again. Only another scheduler would ask
 * into the midst of them: it starts when all of them are written, or never will be.
 */
export class HealStore implements TrieSyncStore {
  readonly #view: HealView
  readonly #verifier: Pick<Verifier, 'keccak256'>
  readonly #incomplete: IncompleteAccounts
  readonly #accounts: DerivedTrie
  /** By account hash in hexadecimal, least recently used first. They follow what is committed by themselves. */
  readonly #storages = new Map<string, DerivedTrie>()

  constructor(
    view: HealView,
    verifier: Pick<Verifier, 'keccak256'>,
    incomplete: IncompleteAccounts,
  ) {
    this.#view = view
    this.#verifier = verifier
    this.#incomplete = incomplete
    this.#accounts = new DerivedTrie(view.accountPages(), verifier)
  }

  async hasNode(path: NibblePath, hash: Uint8Array): Promise<boolean> {
    if (path.length >= ACCOUNT_NIBBLES) {
      const account = nibblesToBytes(path.subarray(0, ACCOUNT_NIBBLES))
      return this.#storage(account).hasNode(path.subarray(ACCOUNT_NIBBLES), hash)
    }
    return !this.#incomplete.anyUnder(path) && this.#accounts.hasNode(path, hash)
  }

  hasCode(hash: Uint8Array): Promise<boolean> {
    return this.#view.hasCode(hash)
  }

  #storage(accountHash: Uint8Array): DerivedTrie {
    const id = bytesToHex(accountHash)
    const trie =
      this.#storages.get(id) ?? new DerivedTrie(this.#view.slotPages(accountHash), this.#verifier)
    this.#storages.delete(id)
    this.#storages.set(id, trie)
    if (this.#storages.size > KEPT_STORAGE_TRIES) {
      this.#storages.delete(this.#storages.keys().next().value!)
    }
    return trie
  }
}
