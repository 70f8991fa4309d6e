import { bytesToHex } from '@noble/hashes/utils.js'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { StateView } from '../../store/StateView.ts'
import type { Verifier } from '../../verifier/Verifier.ts'
import type { DerivedState } from '../audit/DerivedState.ts'
import type { IncompleteAccounts } from '../journal/IncompleteAccounts.ts'
import type { AnyWork } from '../loop/Work.ts'
import { batchCounts } from '../progress/batchCounts.ts'
import { addedCounts } from '../progress/counts.ts'
import type { HealedCounts } from '../progress/Progress.ts'
import { healBatch } from './batch/healBatch.ts'
import type { FarStorage } from './choice/FarStorage.ts'
import { HealCodesWork } from './HealCodesWork.ts'
import { noHealCounts } from './HealCounts.ts'
import { HealCoverage } from './HealCoverage.ts'
import type { Healer, HealProgress } from './Healer.ts'
import { HealNodesWork } from './HealNodesWork.ts'
import { HealQueue } from './HealQueue.ts'
import { HealStore } from './HealStore.ts'
import { HealThrottle } from './HealThrottle.ts'
import { newStateSync } from './scheduler/newStateSync.ts'
import type { SyncOperation } from './scheduler/operations/SyncOperation.ts'
import type { TrieSync } from './scheduler/TrieSync.ts'
import type { TrieSyncStore } from './scheduler/TrieSyncStore.ts'

export interface TrieHealerOptions {
  /** State root, 32 bytes. */
  root: Uint8Array
  /** The state to heal: a store's working one, and its tries. */
  view: Pick<StateView, 'hasCodes'>
  derived: DerivedState
  verifier: Verifier
  /** Changes with every batch that is given out, whose journal records it makes. */
  incomplete: IncompleteAccounts
  /** Told of storage that differs. */
  farStorage: FarStorage
  /** Milliseconds of a clock that never goes back. */
  now: () => number
  /**
   * Bytes of what was healed that are worth a transaction. @default 102 400, the reference's figure
   */
  batchBytes?: number
}

const BATCH_BYTES = 100 * 1024

/**
 * Heals with the trie nodes of snap/1 (geth's `healer`): compares the trie under a root with that
 * of the stored leaves from the root down, and fetches what differs.
 *
 * @example
 * const view = store.working
 * const derived = new DerivedState(view, verifier)
 * const farStorage = new FarStorage(view)
 * const { incomplete } = readIncompleteAccounts(await store.journal())
 * const healer = await TrieHealer.start({ root, view, derived, verifier, incomplete, farStorage, now })
 */
export class TrieHealer implements Healer {
  readonly works: readonly AnyWork[]
  readonly #sync: TrieSync
  readonly #incomplete: IncompleteAccounts
  readonly #coverage: HealCoverage
  readonly #farStorage: FarStorage
  readonly #touched = new Set<string>()
  readonly #counts = noHealCounts()
  #ended = false

  private constructor(
    sync: TrieSync,
    coverage: HealCoverage,
    { root, verifier, incomplete, farStorage, now, batchBytes = BATCH_BYTES }: TrieHealerOptions,
  ) {
    this.#sync = sync
    this.#incomplete = incomplete
    this.#coverage = coverage
    this.#farStorage = farStorage
    const job = {
      ...{ root, sync, queue: new HealQueue(sync), verifier, counts: this.#counts },
      batch: () => (sync.memSize > batchBytes ? this.#batch(sync.commit()) : {}),
    }
    this.works = [new HealNodesWork(job, new HealThrottle(now), now), new HealCodesWork(job)]
  }

  /**
   * Looks at the root; where the stored state is the one under it, nothing is pending. Everything
   * that was to be written must be by then.
   */
  static async start(options: TrieHealerOptions): Promise<TrieHealer> {
    const { root, view, derived, verifier, incomplete, farStorage } = options
    const coverage = new HealCoverage()
    const stored = new HealStore(view, derived, incomplete)
    const store: TrieSyncStore = {
      async hasNode(path, hash) {
        const has = await stored.hasNode(path, hash)
        if (has) coverage.matched(path)
        await farStorage.compared(path, hash, has)
        return has
      },
      hasCode: (hash) => stored.hasCode(hash),
    }
    const sync = await newStateSync(root, store, {
      keccak256: (input) => verifier.keccak256(input),
    })
    return new TrieHealer(sync, coverage, options)
  }

  get pending(): number {
    return this.#sync.pending
  }

  get progress(): HealProgress {
    const { fraction } = this.#coverage
    return { fraction, healed: { ...this.#counts }, healing: this.#sync.wanted }
  }

  get touched(): ReadonlySet<string> {
    return this.#touched
  }

  /** Also when storage was found that is cheaper to download. */
  get done(): boolean {
    return this.pending === 0 || this.#farStorage.found.length > 0
  }

  get hasLocal(): boolean {
    return this.done && !this.#ended
  }

  async local(): Promise<StoreBatch> {
    this.#ended = true
    return this.rest() ?? {}
  }

  rest(): StoreBatch | undefined {
    const operations = this.#sync.commit()
    return operations.length > 0 ? this.#batch(operations) : undefined
  }

  #batch(operations: readonly SyncOperation[]): StoreBatch {
    for (const operation of operations) {
      if (operation.kind === 'clear') this.#coverage.healed(operation)
      if (operation.kind === 'leaf') this.#touched.add(bytesToHex(operation.keys[0]!))
    }
    const batch = healBatch(operations, this.#incomplete)
    const { accounts, accountBytes, slots, slotBytes } = batchCounts(batch)
    const written = { accounts, accountBytes, slots, slotBytes }
    Object.assign(this.#counts, addedCounts<HealedCounts>(this.#counts, written))
    return batch
  }
}
