import { compareBytes } from '../../base/bytes/compareBytes.ts'
import type { BlockHeader } from '../../chain/Header.ts'
import { encodeRlp } from '../../rlp/encodeRlp.ts'
import type { MemoryTrie } from '../../trie/memory/MemoryTrie.ts'
import { AccountContents } from '../AccountContents.ts'
import type { AccountEntry } from '../AccountEntry.ts'
import { accountEntries } from '../accountEntries.ts'
import { loadAccounts } from '../loadAccounts.ts'
import type { StateSource } from '../StateSource.ts'
import { BLOCK_CHANGES, type ChangeKind } from './blocks/blockChanges.ts'
import { StateDraft } from './blocks/StateDraft.ts'
import { ReorgError } from './errors.ts'
import { SeededRandom } from './SeededRandom.ts'

/** What blocks do to a state. */
export interface BlockShape {
  /**
   * How many accounts a block changes: the least and the most. Few are drawn twice. @default [1,
   * 10]
   */
  accounts?: readonly [least: number, most: number]
  /**
   * How often each change happens in relation to the others, in whole numbers; those left out never
   * do.
   * @default all of them, mostly 'pay' and 'store'
   */
  weights?: Readonly<Partial<Record<ChangeKind, number>>>
  /**
   * Part of the new accounts and slots whose hash begins like another one, for any number of
   * nibbles: tries with long extensions, and embedded nodes in storage. @default 0.5
   */
  near?: number
}

export interface ChangingStateOptions {
  /** An integer. The same seed, accounts, options and calls give the same blocks. */
  seed: number
  /** How many of the newest states are served. @default 128 */
  retained?: number
  changes?: BlockShape
  /** The hash; a `Verifier`'s is faster than the default in JavaScript. */
  keccak256?: (input: Uint8Array) => Uint8Array
}

interface Block {
  header: BlockHeader
  accounts: MemoryTrie
}

/** As many accounts come as go. */
const WEIGHTS: Readonly<Record<ChangeKind, number>> = {
  ...{ pay: 8, store: 6, create: 2, deploy: 1, vanish: 3 },
  ...{ empty: 1, fill: 1, recode: 1, copy: 1 },
}

/**
 * A chain of made-up blocks over a state: accounts are paid, come and go, their storage is written,
 * emptied, filled and copied, their code changes. States share what they have in common, and a
 * block costs what it changes: for that they are tries of objects, some 1,500 bytes per account,
 * and not the packed leaves of `memoryState`.
 *
 * @example
 * ```ts
 * const state = new ChangingState(syntheticAccounts({ seed: 1, accounts: 100 }), { seed: 1 })
 * const peer = stateHandler(state.source)  // serves the last 128 states
 * const { number, stateRoot } = state.advance()
 * ```
 */
export class ChangingState {
  /**
   * Serves the newest states of the chain; of those of abandoned blocks, none. Code is served for
   * ever.
   */
  readonly source: StateSource
  readonly #contents: AccountContents
  readonly #random: SeededRandom
  readonly #retained: number
  readonly #shape: Required<BlockShape>
  /** One entry for each unit of weight. */
  readonly #lots: readonly ChangeKind[]
  /** Ascending, as many as are served. */
  readonly #blocks: Block[]
  /** Accounts of the first state, around which the number stays. */
  readonly #accounts: number
  /** Blocks made so far, also those that were abandoned. */
  #made = 0

  /**
   * @param entries the state of block 0
   * @throws what `memoryState` throws
   */
  constructor(entries: Iterable<AccountEntry>, options: ChangingStateOptions) {
    const { seed, retained = 128, changes, keccak256 } = options
    this.#shape = { accounts: [1, 10], near: 0.5, weights: WEIGHTS, ...changes }
    this.#lots = Object.entries(this.#shape.weights).flatMap(([kind, weight]) => {
      return new Array<ChangeKind>(weight).fill(kind as ChangeKind)
    })
    this.#random = new SeededRandom(seed)
    this.#retained = retained
    this.#contents = new AccountContents(keccak256)
    const { accounts } = loadAccounts(entries, this.#contents)
    this.#accounts = Math.max(1, accounts.count)
    this.#blocks = [{ accounts, header: this.#header(accounts, undefined) }]
    this.source = this.#contents.serve((root) => {
      return this.#blocks.find(({ header }) => compareBytes(header.stateRoot, root) === 0)?.accounts
    })
  }

  /** The newest block. */
  get head(): BlockHeader {
    return this.#blocks.at(-1)!.header
  }

  /** The headers of the states that are served, ascending. */
  get headers(): BlockHeader[] {
    return this.#blocks.map(({ header }) => header)
  }

  /** Adds a block. Its state is another than that of the block before. */
  advance(): BlockHeader {
    const { header: parent, accounts: before } = this.#blocks.at(-1)!
    const accounts = this.#changed(before)
    const header = this.#header(accounts, parent)
    this.#blocks.push({ header, accounts })
    if (this.#blocks.length > this.#retained) this.#blocks.shift()
    return header
  }

  /**
   * Abandons the newest blocks and makes as many others.
   *
   * @returns the headers of the new blocks, ascending
   * @throws {ReorgError} when there is no block to abandon, or the state before them is not served
   *   any more
   */
  reorg(depth: number): BlockHeader[] {
    const most = this.#blocks.length - 1
    if (!Number.isInteger(depth) || depth < 1 || depth > most) throw new ReorgError(depth, most)
    this.#blocks.length -= depth
    return Array.from({ length: depth }, () => this.advance())
  }

  /**
   * The accounts of a state, slots by their hashes.
   * @throws {UnknownRootError} when the state is not served
   */
  entriesAt(root: Uint8Array): AccountEntry[] {
    return [...accountEntries(this.source, root)]
  }

  #changed(accounts: MemoryTrie): MemoryTrie {
    const draft = new StateDraft(accounts, this.#contents, this.#random)
    const apply = (kind: ChangeKind) => BLOCK_CHANGES[kind](draft, this.#random, this.#shape.near)
    const [least, most] = this.#shape.accounts
    for (let left = least + this.#random.below(most - least + 1); left > 0; left--) {
      apply(this.#balanced(this.#random.pick(this.#lots), draft.count))
    }
    const changed = draft.finish()
    if (changed !== accounts) return changed
    // Nothing met an account that it could change.
    apply(accounts.count > 0 ? 'pay' : 'create')
    return draft.finish()
  }

  /**
   * Keeps the number of accounts between half and twice that of the first state, where accounts
   * come and go.
   */
  #balanced(kind: ChangeKind, count: number): ChangeKind {
    const { create, vanish } = this.#shape.weights
    if (!create || !vanish) return kind
    if (kind === 'vanish') return 2 * count < this.#accounts ? 'create' : kind
    const grows = kind === 'create' || kind === 'deploy'
    return grows && count > 2 * this.#accounts ? 'vanish' : kind
  }

  #header({ root }: MemoryTrie, parent: BlockHeader | undefined): BlockHeader {
    const parentHash = parent?.hash ?? new Uint8Array(32)
    // The count keeps blocks apart that have everything else in common, and the seed their chains.
    const origin = [BigInt.asUintN(64, BigInt(this.#random.seed)), BigInt(this.#made++)]
    return {
      number: parent === undefined ? 0 : parent.number + 1,
      hash: this.#contents.keccak256(encodeRlp([...origin, parentHash, root])),
      parentHash,
      stateRoot: root,
    }
  }
}
