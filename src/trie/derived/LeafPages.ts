import type { BitPrefix } from '../../base/bytes/BitPrefix.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import type { NibblePath } from '../nibbles.ts'

/**
 * Which pages hold keys of one stretch: none, one (which may hold keys of others as well), or
 * several.
 */
export type PagesBelow = 'none' | 'several' | BitPrefix

/**
 * The leaves of one trie as they are stored: in pages. Each page holds all leaves under one prefix
 * of bits. They may change at any time, and pages may come, split, merge and go.
 */
export interface LeafPages {
  /** Bytes of a key. */
  readonly keySize: number
  /** Moves with every change of leaves or pages, at the latest when the first read can see it. */
  readonly version: number
  /**
   * Where leaves or pages changed since `version` was as given: each change lies under one of these
   * prefixes. One of no bits says that anything may have changed.
   */
  changesSince(version: number): readonly BitPrefix[]
  /** For each of the sixteen stretches below a nibble path the pages that hold keys of it. */
  below(path: NibblePath): Promise<readonly PagesBelow[]>
  /**
   * All leaves under the prefix of a page that `below` named, also when other pages hold them by
   * now; may be none.
   */
  read(page: BitPrefix): Promise<Leaves>
  /**
   * Leaves of one whole page, in the form in which they are stored, which was just read by somebody
   * else: the next `read` of it takes them.
   */
  offer(leaves: Leaves): void
}
