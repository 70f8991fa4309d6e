import type {
  GetAccountRange,
  GetByteCodes,
  GetStorageRanges,
  GetTrieNodes,
} from '../../src/snap/SnapMessage.ts'
import type { TrieEntry } from '../../src/trie/memory/MemoryTrie.ts'
import type { RuleAccount, RuleState } from './RuleState.ts'

/** A request without the id, which the asker chooses. */
export type Question =
  | Omit<GetAccountRange, 'id'>
  | Omit<GetStorageRanges, 'id'>
  | Omit<GetByteCodes, 'id'>
  | Omit<GetTrieNodes, 'id'>

/** The slots of one account that an answer must list: some of the account's, in their order. */
export interface ExpectedSlots {
  account: RuleAccount
  slots: readonly TrieEntry[]
}

/** What the one right answer holds. */
export type Expected =
  /** None: the server ends the connection. */
  | { kind: 'closed' }
  /** `proven`: the state whose root the proof leads to; without it, there is none. */
  | { kind: 'AccountRange'; accounts: readonly RuleAccount[]; proven?: RuleState | undefined }
  /**
   * `proven`: the account to whose storage root the proof of the last list leads; without it, there
   * is none.
   */
  | { kind: 'StorageRanges'; lists: readonly ExpectedSlots[]; proven?: RuleAccount | undefined }
  | { kind: 'ByteCodes'; codes: readonly Uint8Array[] }
  /** An item without bytes where there is no node. */
  | { kind: 'TrieNodes'; nodes: readonly Uint8Array[] }

/** A rule, applied to one state. */
export interface RuleCheck {
  /** A whole frame where it is none that `encodeMessage` makes. */
  question: Question | { frame: Uint8Array }
  /** @default one that no other request has */
  id?: bigint
  expected: Expected
}

/** One of the rules by which go-ethereum's server answers. */
export interface Rule {
  /** Of the rules of go-ethereum's server: `'6.2'` for account ranges, `'6.3'` for slots, … */
  section: '6.1' | '6.2' | '6.3' | '6.4' | '6.5' | '6.7'
  /** Unique. */
  name: string
  /**
   * What to ask about a state, and what the answer must be.
   * @returns `undefined` where the state has not what the rule is about
   */
  apply: (state: RuleState) => RuleCheck | undefined
}
