import { bytesToHex } from '@noble/hashes/utils.js'
import { toHex } from '../../../src/base/bytes/hex.ts'
import type { BlockHeader } from '../../../src/chain/Header.ts'
import { ChangingState } from '../../../src/served/changing/ChangingState.ts'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import type { ServedState, StateSource } from '../../../src/served/StateSource.ts'
import { StateTruth } from '../../support/sync/StateTruth.ts'
import { simulatedAccounts } from './simulatedAccounts.ts'

interface KnownState {
  served: ServedState
  /**
   * Number of the newest block that has it; infinite where none ever will have, `undefined` where
   * none has any more.
   */
  number: number | undefined
  truth: StateTruth | undefined
}

/** A chain whose states are all known for ever, also those of blocks that were reorged away. */
export class SimulatedChain {
  /** Serves all states that there ever were. */
  readonly source: StateSource
  /** The root of the empty state, and that of a state with a single account; no block has them. */
  readonly strangeRoots: readonly Uint8Array[]
  readonly #state: ChangingState
  /** By root in hexadecimal. */
  readonly #known = new Map<string, KnownState>()

  constructor(random: SeededRandom, keccak256: (input: Uint8Array) => Uint8Array) {
    const entries = simulatedAccounts(random)
    this.#state = new ChangingState(entries, {
      ...{ seed: random.below(2 ** 31), retained: Number.POSITIVE_INFINITY, keccak256 },
      changes: { accounts: [1, 1 + random.below(8)] },
    })
    this.source = {
      state: (root) => this.#known.get(bytesToHex(root))?.served,
      code: (hash) => this.#state.source.code(hash),
    }
    this.strangeRoots = [[], [random.pick(entries)]].map((accounts) => {
      const truth = new StateTruth(accounts)
      const served = truth.state.source.state(truth.root)!
      this.#known.set(bytesToHex(truth.root), { served, number: Number.POSITIVE_INFINITY, truth })
      return truth.root
    })
    this.#learn(this.#state.head)
  }

  get head(): BlockHeader {
    return this.#state.head
  }

  /** The headers of the chain as it is now, ascending. */
  get headers(): BlockHeader[] {
    return this.#state.headers
  }

  advance(): BlockHeader {
    return this.#learn(this.#state.advance())
  }

  /** @returns the new headers, ascending; none where the chain is not longer than that */
  reorg(depth: number): BlockHeader[] {
    const { headers } = this.#state
    if (depth >= headers.length) return []
    for (const { stateRoot } of headers.slice(-depth))
      this.#knownState(stateRoot).number = undefined
    return this.#state.reorg(depth).map((header) => this.#learn(header))
  }

  /**
   * How many blocks ago the chain had this state: infinite where only blocks had it that are gone.
   * Strange ones are as new as the head.
   */
  age(root: Uint8Array): number {
    const { number } = this.#knownState(root)
    return number === undefined ? Number.POSITIVE_INFINITY : Math.max(0, this.head.number - number)
  }

  served(root: Uint8Array): ServedState {
    return this.#knownState(root).served
  }

  truth(root: Uint8Array): StateTruth {
    const state = this.#knownState(root)
    const size = { accounts: 0, slots: 0, codes: 0 }
    state.truth ??= new StateTruth({ stateRoot: toHex(root), source: this.source, ...size })
    return state.truth
  }

  #knownState(root: Uint8Array): KnownState {
    return this.#known.get(bytesToHex(root))!
  }

  #learn(header: BlockHeader): BlockHeader {
    const { stateRoot, number } = header
    const id = bytesToHex(stateRoot)
    const known = this.#known.get(id)
    if (known !== undefined) known.number = number
    else {
      const served = this.#state.source.state(stateRoot)!
      this.#known.set(id, { served, number, truth: undefined })
    }
    return header
  }
}
