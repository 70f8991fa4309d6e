import { bytesToHex } from '@noble/hashes/utils.js'
import { LruMap } from '../../base/LruMap.ts'
import type { StateView } from '../../store/StateView.ts'
import { DerivedTrie } from '../../trie/derived/DerivedTrie.ts'
import type { Hasher } from '../../trie/Hasher.ts'

/**
 * Storage tries whose upper part is kept, of those asked last. The slots of large contracts are
 * read once and not once for each of their nodes; each keeps at most 16 pages of 32 KB and what was
 * made of them, about 2 MB.
 */
const KEPT_STORAGE_TRIES = 16

/**
 * The tries of a stored state, derived from its leaves. What was derived stays, and follows what is
 * committed, so that the next root costs what changed.
 */
export class DerivedState {
  readonly accounts: DerivedTrie
  readonly #view: Pick<StateView, 'slotPages'>
  readonly #verifier: Hasher
  /** By account hash in hexadecimal. */
  readonly #storages = new LruMap<string, DerivedTrie>(KEPT_STORAGE_TRIES)

  constructor(view: Pick<StateView, 'accountPages' | 'slotPages'>, verifier: Hasher) {
    this.accounts = new DerivedTrie(view.accountPages(), verifier)
    this.#view = view
    this.#verifier = verifier
  }

  /** The storage trie of an account; the empty one where no slots are stored. */
  storage(accountHash: Uint8Array): DerivedTrie {
    const id = bytesToHex(accountHash)
    const known = this.#storages.get(id)
    if (known !== undefined) return known
    const trie = new DerivedTrie(this.#view.slotPages(accountHash), this.#verifier)
    this.#storages.set(id, trie)
    return trie
  }
}
