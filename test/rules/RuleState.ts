import type { ServedTrie } from '../../src/served/StateSource.ts'
import type { TrieEntry } from '../../src/trie/memory/MemoryTrie.ts'

/** An account, and what belongs to it. */
export interface RuleAccount {
  hash: Uint8Array
  /** As snap/1 sends it. */
  slim: Uint8Array
  /** As the trie holds it. */
  full: Uint8Array
  storage: ServedTrie
  /** In ascending order of their hashes. */
  slots: readonly TrieEntry[]
}

/** The truth about a state, from which rules say what is to be asked and what to be answered. */
export interface RuleState {
  root: Uint8Array
  accounts: ServedTrie
  /** In ascending order of their hashes. */
  sorted: readonly RuleAccount[]
  /** The contract with the most slots. */
  largest?: RuleAccount
  /**
   * The one with the most of those that fit into any answer: three slots to 2,000, which are some
   * 130 KB.
   */
  large?: RuleAccount
  /** Another one, with as few slots as there are, but for what `embedding` has. */
  small?: RuleAccount
  /** Without storage. */
  plain?: RuleAccount
  /** A contract with a node that is part of its parent, and that node's path. */
  embedding?: { account: RuleAccount; path: Uint8Array }
  /** Different ones, in the order of the accounts that have them first. */
  codes: readonly { hash: Uint8Array; code: Uint8Array }[]
  /** Bytes that the server aims at, however many it is asked for. */
  mostBytes: number
  /** The root of another state, the oldest that the server must have. */
  oldest?: RuleState
  /** The root of a state that the server had once, and must not answer for any more. */
  staleRoot?: Uint8Array
}
