import { AsyncQueue } from '../../../src/base/AsyncQueue.ts'
import { type Hex, toHex } from '../../../src/base/bytes/hex.ts'
import type { Block } from '../../../src/chain/Block.ts'
import type { BlockHeader } from '../../../src/chain/Header.ts'
import type { TrustedHeader } from '../../../src/chain/TrustedHeader.ts'
import { toBlock } from '../../../src/chain/toBlock.ts'
import type { AccountState, Verified } from '../../../src/reads/AccountState.ts'
import type { AccountEntry } from '../../../src/served/AccountEntry.ts'
import {
  ChangingState,
  type ChangingStateOptions,
} from '../../../src/served/changing/ChangingState.ts'
import type { SnapHandler } from '../../../src/snap/server/serveSnap.ts'
import { stateHandler } from '../../../src/snap/server/stateHandler.ts'
import { syntheticAccounts } from '../../../src/testing/syntheticAccounts.ts'

/** A chain of made-up blocks, a peer that serves its newest states, and what each state holds. */
export class FollowedChain {
  readonly state: ChangingState
  /** Of the first state, whose addresses are known. */
  readonly entries: readonly AccountEntry[]
  /** Requests that the peer got. */
  requests = 0
  readonly handler: SnapHandler
  /** Nonce and balance by account hash, of each block that was ever told of, by its root. */
  readonly #truth = new Map<Hex, Map<Hex, string>>()
  readonly #streams: AsyncQueue<TrustedHeader>[] = []
  #hold: Promise<void> | undefined

  constructor({ seed, accounts, ...options }: ChangingStateOptions & { accounts: number }) {
    const shape = { seed, accounts, contracts: 0.3, maxSlots: 20 }
    this.entries = [...syntheticAccounts(shape)]
    this.state = new ChangingState(this.entries, { seed, ...options })
    const honest = stateHandler(this.state.source)
    this.handler = async (request) => {
      this.requests++
      await this.#hold
      return honest(request)
    }
  }

  /** A stream of what is told from now on: a generator object, which can be read once. */
  stream(): AsyncQueue<TrustedHeader> {
    const stream = new AsyncQueue<TrustedHeader>()
    this.#streams.push(stream)
    return stream
  }

  /** Tells of the newest block. */
  tell(): Block {
    return this.#tell(this.state.head)
  }

  /** Makes blocks, and tells of each. @returns the last */
  advance(blocks = 1): Block {
    for (let left = blocks; left > 0; left--) this.#tell(this.state.advance())
    return toBlock(this.state.head)
  }

  /** Abandons blocks, and tells of as many others. @returns the last */
  reorg(depth: number): Block {
    for (const header of this.state.reorg(depth)) this.#tell(header)
    return toBlock(this.state.head)
  }

  /** The peer answers nothing until what this returns is called. */
  hold(): () => void {
    let release = () => {}
    this.#hold = new Promise((resolve) => {
      release = resolve
    })
    return release
  }

  /** What the state of a block says of an account, in the form of `said`. */
  truth(stateRoot: Hex, entry: AccountEntry): string {
    const accounts = this.#truth.get(stateRoot)
    if (accounts === undefined) throw new Error(`no block had the state ${stateRoot}`)
    return accounts.get(toHex(entry.hash)) ?? 'none'
  }

  #tell(header: BlockHeader): Block {
    const block = toBlock(header)
    const entries = this.state.entriesAt(header.stateRoot)
    const accounts = entries.map((entry) => [toHex(entry.hash), inWords(entry)] as const)
    this.#truth.set(block.stateRoot, new Map(accounts))
    for (const stream of this.#streams) stream.push(block)
    return block
  }
}

/** What an answer says of an account. */
export function said({ value }: Verified<AccountState | undefined>): string {
  return value === undefined ? 'none' : inWords(value)
}

function inWords({ nonce, balance }: Pick<AccountState, 'nonce' | 'balance'>): string {
  return `nonce ${nonce}, balance ${balance}`
}
