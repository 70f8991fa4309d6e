import type { VerifierThreads } from '../../snap/verify/pool/VerifierThreads.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { StateView } from '../../store/StateView.ts'
import type { Verifier } from '../../verifier/Verifier.ts'
import { type AccountTask, isDone } from '../journal/AccountTask.ts'
import type { IncompleteAccounts } from '../journal/IncompleteAccounts.ts'
import type { SyncPhase } from '../loop/RunLoop.ts'
import type { AnyWork } from '../loop/Work.ts'
import { coveredFraction } from '../progress/coveredFraction.ts'
import { AccountWork } from './AccountWork.ts'
import { CodeWork } from './CodeWork.ts'
import { SharedStorage } from './SharedStorage.ts'
import type { StaleLeaves } from './StaleLeaves.ts'
import { StorageWork } from './StorageWork.ts'

export interface DownloadOptions {
  /** The trusted state root, 32 bytes. */
  root: Uint8Array
  tasks: readonly AccountTask[]
  view: StateView
  verifier: Verifier
  /** Given where other threads prove too. */
  verifierThreads?: VerifierThreads | undefined
  incomplete: IncompleteAccounts
  /** Given where something may be stored beyond the cursors. */
  staleLeaves: StaleLeaves | undefined
}

/**
 * The phase that fetches the chunks of the account key space, with the storage and code of their
 * contracts.
 */
export class Download implements SyncPhase {
  readonly works: readonly AnyWork[]
  readonly #tasks: readonly AccountTask[]
  readonly #shared: SharedStorage

  constructor(options: DownloadOptions) {
    const { root, tasks, view, verifier, verifierThreads, incomplete, staleLeaves } = options
    this.#tasks = tasks
    this.#shared = new SharedStorage(view, incomplete)
    const codes = new CodeWork(tasks, view, verifier)
    const storage = new StorageWork({
      root,
      tasks,
      verifier,
      verifierThreads,
      shared: this.#shared,
    })
    const accounts = new AccountWork({
      root,
      tasks,
      verifier,
      verifierThreads,
      codes,
      storage,
      staleLeaves,
    })
    this.works = [accounts, codes, storage]
  }

  get done(): boolean {
    return this.#tasks.every(isDone)
  }

  get hasLocal(): boolean {
    return this.#shared.pending
  }

  local(): Promise<StoreBatch> {
    return this.#shared.copy()
  }

  rest(): undefined {}

  /** See `coveredFraction`. */
  get fraction(): number {
    return coveredFraction(this.#tasks)
  }
}
