import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { fromHex, toHex } from '../../base/bytes/hex.ts'
import { outcomeOf } from '../../base/outcomeOf.ts'
import type { Block } from '../../chain/Block.ts'
import type { Verified } from '../../reads/AccountState.ts'
import { StateBusyError, StateIncompleteError } from '../../reads/errors.ts'
import { StateReader } from '../../reads/StateReader.ts'
import type { Completion, StateStore } from '../../store/StateStore.ts'
import type { AuditReport } from '../../sync/audit/AuditReport.ts'
import { audit } from '../../sync/audit/audit.ts'
import type { Verifier } from '../../verifier/Verifier.ts'
import { readBlocks } from '../blocksRecord.ts'
import type { Completed } from '../protocol.ts'

export interface CompletedStateOptions {
  /**
   * The only root whose state answers, 32 bytes; without it that of any state that was ever
   * completed.
   */
  root: Uint8Array | undefined
  verifier: Verifier
  /** The store, opened again where somebody else closed it. */
  store: () => Promise<StateStore>
  /** Another state answers from now on, or none. */
  onChange: (completed: Completed | undefined) => void
}

/**
 * How often something is begun again for a state that another tab replaced: reads take
 * milliseconds, audits may take longer than a block.
 */
const MAX_ROUNDS = 8

/** A completed state as it was found in the store. */
interface Found {
  /** Names the completion. */
  completionId: number
  completed: Completed
}

/**
 * The state that answers (invariant 3). Another tab, or the sync in this one, may put the next one
 * in its place or remove it at any time, so the store is asked which it is before and after
 * everything that is done with it.
 */
export class CompletedState {
  readonly #options: CompletedStateOptions
  #current: Completed | undefined
  /** What `look` found last, with its completionId. */
  #found: Found | undefined
  /** Counts the changes of `#current`: what was looked up before one of them is outdated. */
  #changes = 0
  /** A completion that was found damaged. */
  #distrusted: number | undefined

  constructor(options: CompletedStateOptions) {
    this.#options = options
  }

  /** What was found last. */
  get current(): Completed | undefined {
    return this.#current
  }

  /** Looks which state answers now. */
  async look(): Promise<Found | undefined> {
    const before = this.#changes
    const store = await this.#options.store()
    const completion = await store.completion()
    const answers = completion !== undefined && this.#answers(completion)
    const found = answers && (await this.#describe(completion, store))
    const current = found ? found.completed : undefined
    this.#found = found || undefined
    if (this.#changes === before && current !== this.#current) this.#change(current)
    return found || undefined
  }

  /** The state of a block was completed here. */
  commit(block: Block): void {
    const { stateRoot } = block
    this.#change({ stateRoot, block })
  }

  /**
   * What was found last does not hold: it answers nothing any more, here and from now on.
   * @returns its completion
   */
  distrust(): number | undefined {
    this.#distrusted = this.#found?.completionId
    this.forget()
    return this.#distrusted
  }

  /** Nothing is stored any more. */
  forget(): void {
    if (this.#current !== undefined) this.#change(undefined)
  }

  /** Reads values. */
  async read<Value>(read: (reader: StateReader) => Promise<Value>): Promise<Verified<Value>> {
    return (
      (await this.#readAsFound(read)) ?? this.#use((store, found) => this.#read(store, found, read))
    )
  }

  /**
   * Reads of the state that was found last, if it still answers: each transaction tells which state
   * it saw, so no extra transaction is needed before and after. Those would take twice as long as
   * the read.
   */
  async #readAsFound<Value>(
    read: (reader: StateReader) => Promise<Value>,
  ): Promise<Verified<Value> | undefined> {
    const found = this.#found
    if (found === undefined || found.completed !== this.#current) return undefined
    const { view, completionIds } = (await this.#options.store()).watchCompleted()
    // What it fails of, another state's values may have caused.
    const value = await this.#read({ completed: view }, found, read).catch(() => undefined)
    return completionIds.size === 1 && completionIds.has(found.completionId) ? value : undefined
  }

  async #read<Value>(
    store: Pick<StateStore, 'completed'>,
    { completed: { stateRoot, block } }: Found,
    read: (reader: StateReader) => Promise<Value>,
  ): Promise<Verified<Value>> {
    const value = await read(new StateReader(store.completed, this.#options.verifier))
    if (block === undefined) return { value, stateRoot }
    return { value, stateRoot, block: { number: block.number, hash: block.hash } }
  }

  /**
   * Recomputes all of it from what is stored.
   * @param onChecked called after each page, and waited for
   */
  audit(signal: AbortSignal, onChecked?: () => unknown): Promise<AuditReport> {
    return this.#use((store, { completed }) => {
      const root = fromHex(completed.stateRoot, 'state root', 32)
      return audit(store.completed, this.#options.verifier, root, {
        signal,
        ...(onChecked && { onChecked }),
      })
    })
  }

  /**
   * Does something with the complete state, again where another one was completed meanwhile.
   * @throws {StateIncompleteError} when no state answers, before or after
   * @throws {StateBusyError} when that happens every time
   */
  async #use<Value>(use: (store: StateStore, found: Found) => Promise<Value>): Promise<Value> {
    let found = await this.#find()
    for (let rounds = 0; ; rounds++) {
      if (rounds === MAX_ROUNDS) throw new StateBusyError('it is completed anew all the time')
      const used = found
      // What it fails of counts as little as what it returns, where the state has changed.
      const outcome = await outcomeOf(use(await this.#options.store(), used))
      found = await this.#find()
      if (found.completionId === used.completionId) return outcome()
    }
  }

  async #find(): Promise<Found> {
    const { root } = this.#options
    const found = await this.look()
    if (found === undefined) throw new StateIncompleteError(root && toHex(root))
    return found
  }

  #answers({ root, completionId }: Completion): boolean {
    const only = this.#options.root
    if (completionId === this.#distrusted) return false
    return only === undefined || compareBytes(only, root) === 0
  }

  async #describe({ root, completionId }: Completion, store: StateStore): Promise<Found> {
    const stateRoot = toHex(root)
    if (this.#current?.stateRoot === stateRoot) return { completionId, completed: this.#current }
    // A fixed root is all that the app knows of it.
    const blocks = this.#options.root === undefined ? readBlocks(await store.journal()) : []
    const block = blocks.findLast((block) => block.stateRoot === stateRoot)
    return { completionId, completed: block ? { stateRoot, block } : { stateRoot } }
  }

  #change(current: Completed | undefined): void {
    this.#current = current
    this.#changes++
    this.#options.onChange(current)
  }
}
