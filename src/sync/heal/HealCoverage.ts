import type { NibblePath } from '../../trie/nibbles.ts'
import type { ClearOperation } from './scheduler/operations/SyncOperation.ts'
import { ACCOUNT_NIBBLES } from './scheduler/paths/syncPath.ts'

/**
 * How much of the account key space is known to equal the state that is healed. A subtrie that is
 * found equal covers its stretch at once, be it a sixteenth of all accounts; a node that was healed
 * covers what its children do not.
 */
export class HealCoverage {
  /**
   * Sixteenth parts of sixteenth parts: exact down to 13 nibbles, below which nothing is visible.
   */
  #covered = 0

  /** From 0 to 1, never falling. */
  get fraction(): number {
    return Math.min(this.#covered, 1)
  }

  /** The subtrie at a path is stored as it should be. */
  matched(path: NibblePath): void {
    this.#covered += share(path)
  }

  /**
   * A node was healed, and everything below it before. The clear is its own: it keeps what lies
   * right below.
   */
  healed({ path, keep }: Pick<ClearOperation, 'path' | 'keep'>): void {
    const below = keep.reduce((sum, child) => sum + share(child), 0)
    this.#covered += Math.max(share(path) - below, 0)
  }
}

/** The part of the account key space under a path; in an account's storage, none. */
function share(path: NibblePath): number {
  return path.length < ACCOUNT_NIBBLES ? 16 ** -path.length : 0
}
