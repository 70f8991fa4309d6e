import { slimAccount } from '../../../src/account/slimAccount.ts'
import { toHex } from '../../../src/base/bytes/hex.ts'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import type { StateStore } from '../../../src/store/StateStore.ts'
import type { StateView } from '../../../src/store/StateView.ts'
import type { Witness } from '../oracle/Witness.ts'
import type { VirtualTime } from '../VirtualTime.ts'
import type { SimulatedChain } from './SimulatedChain.ts'

export interface ReadersOptions {
  time: VirtualTime
  random: SeededRandom
  chain: SimulatedChain
  witness: Witness
  /** Another store over the same disk, which no process that dies takes with it. */
  otherTab: StateStore
}

/**
 * Read what is complete at random times: it is always the whole of one state, that which is called
 * complete.
 */
export class SimulatedReaders {
  readonly #options: ReadersOptions
  readonly #running = new Set<Promise<void>>()
  #store: StateStore | undefined
  #wasComplete = false

  constructor(options: ReadersOptions) {
    this.#options = options
    this.#readLater()
  }

  /** How many are reading. */
  get running(): number {
    return this.#running.size
  }

  /** A process begins; who was reading in the one before is gone with it. */
  serve(store: StateStore): void {
    this.#store = store
    this.#running.clear()
  }

  /** Nobody begins to read any more. */
  end(): void {
    this.#store = undefined
  }

  /** @param whole whether to read everything */
  read(whole: boolean): void {
    if (this.#store === undefined) return
    const { random, otherTab } = this.#options
    const store = random.below(3) === 0 ? otherTab : this.#store
    const reading = this.#expectCompleted(store, whole).catch((error) => {
      this.#options.witness.fail(error)
    })
    this.#running.add(reading)
    void reading.then(() => this.#running.delete(reading))
  }

  #readLater(): void {
    const { time, random } = this.#options
    time.after(100 + random.below(3_000), () => {
      if (this.#store === undefined) return
      this.read(random.below(4) === 0)
      this.#readLater()
    })
  }

  async #expectCompleted(store: StateStore, whole: boolean): Promise<void> {
    const before = await store.completion()
    if (before === undefined) {
      if (this.#wasComplete) throw new Error('what was complete is not any more')
      return
    }
    this.#wasComplete = true
    const { completed } = store
    const expected = whole
      ? this.#options.chain.truth(before.root).expectStored(completed, { formerCodes: true })
      : this.#expectSome(before.root, completed)
    const difference = await expected.then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    const after = await store.completion()
    // What came between two completions may be of both.
    if (difference !== undefined && after?.completionId === before.completionId)
      throw difference.error
  }

  /** Looks at an account that there is, one that there is not, and at a slot. */
  async #expectSome(root: Uint8Array, view: StateView): Promise<void> {
    const { chain, random } = this.#options
    const state = chain.served(root)
    const absent = random.bytes(32)
    expectSame('an absent account', await view.getAccount(absent), undefined)
    const [leaf] = state.accounts.leaves(absent)
    if (leaf === undefined) return
    const [hash, body] = leaf
    expectSame(`account ${toHex(hash)}`, await view.getAccount(hash), slimAccount(body))
    const [slot] = state.storage(hash)?.leaves(absent) ?? []
    if (slot === undefined) return
    expectSame(`slot ${toHex(slot[0])}`, await view.getSlot(hash, slot[0]), slot[1])
  }
}

function expectSame(
  what: string,
  found: Uint8Array | undefined,
  wanted: Uint8Array | undefined,
): void {
  const [is, ought] = [found, wanted].map((bytes) => bytes && toHex(bytes))
  if (is !== ought) throw new Error(`${what} is ${is}, expected ${ought}`)
}
