import type { StateView } from '../../store/StateView.ts'
import type { NibblePath } from '../../trie/nibbles.ts'
import type { DerivedState } from '../audit/DerivedState.ts'
import type { IncompleteAccounts } from '../journal/IncompleteAccounts.ts'
import { nibblesToBytes } from './scheduler/operations/nibblesToBytes.ts'
import { ACCOUNT_NIBBLES } from './scheduler/paths/syncPath.ts'
import type { TrieSyncStore } from './scheduler/TrieSyncStore.ts'

/**
 * What a `TrieSync` asks, answered from stored leaves: nodes are derived, and above an incomplete
 * account none counts.
 *
 * Answers are those of what is written. What the scheduler gave out and is not written yet makes no
 * difference, however late it comes: a scheduler asks only for paths below a node that is in
 * process, each once; the operations that it has given out are for nodes that have everything below
 * them, and so touch nothing that is still to be asked. What it asks a second time, storage below a
 * node that failed in process, may at most be fetched again. Only another scheduler would ask into
 * the midst of them: it starts when all of them are written, or never will be.
 */
export class HealStore implements TrieSyncStore {
  readonly #view: Pick<StateView, 'hasCodes'>
  readonly #derived: DerivedState
  readonly #incomplete: IncompleteAccounts

  constructor(
    view: Pick<StateView, 'hasCodes'>,
    derived: DerivedState,
    incomplete: IncompleteAccounts,
  ) {
    this.#view = view
    this.#derived = derived
    this.#incomplete = incomplete
  }

  async hasNode(path: NibblePath, hash: Uint8Array): Promise<boolean> {
    if (path.length >= ACCOUNT_NIBBLES) {
      const account = nibblesToBytes(path.subarray(0, ACCOUNT_NIBBLES))
      return this.#derived.storage(account).hasNode(path.subarray(ACCOUNT_NIBBLES), hash)
    }
    return !this.#incomplete.anyUnder(path) && this.#derived.accounts.hasNode(path, hash)
  }

  async hasCode(hash: Uint8Array): Promise<boolean> {
    return (await this.#view.hasCodes([hash]))[0]!
  }
}
