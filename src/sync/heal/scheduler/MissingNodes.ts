import type { NibblePath } from '../../../trie/nibbles.ts'

/** What to fetch next. */
export interface MissingNodes {
  /** Trie nodes; `toPathSets` makes a request of them. */
  nodes: { path: NibblePath; hash: Uint8Array }[]
  /** Code hashes. */
  codes: Uint8Array[]
}
