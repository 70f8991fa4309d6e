import { type BitPrefix, prefixesOverlap } from '../../base/bytes/BitPrefix.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey } from '../../leaves/Leaves.ts'
import { unprefixLeaves } from '../../leaves/prefixLeaves.ts'
import type { LeafPages, PagesBelow } from '../../trie/derived/LeafPages.ts'
import type { NibblePath } from '../../trie/nibbles.ts'
import type { ChangeLog } from '../commit/ChangeLog.ts'
import { KeyPrefix } from '../directory/KeyPrefix.ts'
import type { PageTable } from './PageTable.ts'

/** One leaf table of a store, as it is at the time of each look. */
export interface StoredTable {
  readonly changes: ChangeLog
  /** Runs `look` in a transaction of its own. */
  look<Result>(look: (table: PageTable) => Promise<Result>): Promise<Result>
}

/** One trie of a store: all keys of a table that begin with the same bytes, without these. */
export class StoredLeafPages implements LeafPages {
  readonly keySize = 32
  readonly #table: StoredTable
  readonly #expand: (leaves: Leaves) => Leaves
  readonly #trie: KeyPrefix
  #offered: Leaves | undefined

  /**
   * @param start the bytes that all keys of the trie begin with in the table: an account hash, or
   *   none
   * @param expand makes the values in the trie out of those stored
   */
  constructor(table: StoredTable, start: Uint8Array, expand = (leaves: Leaves) => leaves) {
    this.#table = table
    this.#expand = expand
    this.#trie = new KeyPrefix(start, start.length * 8)
  }

  get version(): number {
    return this.#table.changes.version
  }

  changesSince(version: number): readonly BitPrefix[] {
    const changes = this.#table.changes.since(version)
    return changes
      .filter((change) => prefixesOverlap(change, this.#trie))
      .map((it) => this.#cut(it))
  }

  offer(leaves: Leaves): void {
    this.#offered = leaves.count === 0 ? undefined : leaves
  }

  async below(path: NibblePath): Promise<readonly PagesBelow[]> {
    const below = await this.#table.look(async ({ directory }) =>
      Array.from({ length: 16 }, (_, nibble): 'none' | 'several' | KeyPrefix => {
        const [page, other] = directory.pagesUnder(this.#stretch(path, nibble), 2)
        return other ? 'several' : (page?.prefix ?? 'none')
      }),
    )
    // A page that holds keys of several stretches stays one object.
    const cut = new Map(
      below.map((page) => [page, page instanceof KeyPrefix ? this.#cut(page) : page]),
    )
    return below.map((page) => cut.get(page)!)
  }

  async read({ bytes, bits }: BitPrefix): Promise<Leaves> {
    const start = this.#trie.bytes
    const prefix = new KeyPrefix(Uint8Array.of(...start, ...bytes), this.#trie.bits + bits)
    const offered = this.#offered
    this.#offered = undefined
    // Pages have no keys in common: the one that holds any of them is the one that they are all of.
    const leaves =
      offered && prefix.contains(leafKey(offered, 0))
        ? offered
        : await this.#table.look((table) => table.leavesUnder(prefix))
    return this.#expand(unprefixLeaves(leaves, 0, leaves.count, start.length))
  }

  /**
   * A prefix in the table as one of the trie; one that is shorter than the trie's own holds all of
   * it.
   */
  #cut({ bytes, bits }: BitPrefix): BitPrefix {
    const { bytes: start, bits: skipped } = this.#trie
    return new KeyPrefix(bytes.subarray(start.length), Math.max(bits - skipped, 0))
  }

  /** The keys of the table one nibble below a path in the trie. */
  #stretch(path: NibblePath, nibble: number): KeyPrefix {
    const start = this.#trie.bytes.length
    const key = new Uint8Array(start + this.keySize)
    key.set(this.#trie.bytes)
    for (const [at, digit] of [...path, nibble].entries()) {
      key[start + (at >> 1)]! |= at % 2 === 0 ? digit << 4 : digit
    }
    return new KeyPrefix(key, this.#trie.bits + 4 * (path.length + 1))
  }
}
