import { bytesToHex } from '@noble/hashes/utils.js'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { nextHash } from '../../base/bytes/hash32.ts'
import type { AnswerFrame } from '../../snap/AnswerFrame.ts'
import type { RequestOptions, SnapClient } from '../../snap/SnapClient.ts'
import type { AccountRange } from '../../snap/SnapMessage.ts'
import type { VerifierThreads } from '../../snap/verify/pool/VerifierThreads.ts'
import { verifyAccounts } from '../../snap/verify/verifyAccounts.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { AccountsClaim, VerifiedAccounts, Verifier } from '../../verifier/Verifier.ts'
import type { AccountTask } from '../journal/AccountTask.ts'
import { taskRecord } from '../journal/Journal.ts'
import { isWhole, type PendingContract } from '../journal/PendingContract.ts'
import type { Work } from '../loop/Work.ts'
import type { CodeWork } from './CodeWork.ts'
import type { StaleLeaves } from './StaleLeaves.ts'
import type { StorageWork } from './StorageWork.ts'

export interface AccountRequest {
  task: AccountTask
  origin: Uint8Array
  bytes: number
}

export interface AccountWorkOptions {
  root: Uint8Array
  tasks: readonly AccountTask[]
  verifier: Verifier
  /** Given where other threads prove too. */
  verifierThreads: VerifierThreads | undefined
  codes: CodeWork
  storage: StorageWork
  /** Given where something may be stored beyond the cursors. */
  staleLeaves: StaleLeaves | undefined
}

/**
 * A task fetches no further accounts while this many of its contracts wait for storage or code: it
 * bounds the journal record (about 100 bytes each, rewritten with every answer) and what a change
 * of the root fetches again.
 */
const MAX_PENDING = 1024

/**
 * Fetches the accounts of the chunks, range by range: `assign` is geth's `assignAccountTasks`,
 * `accept` its `OnAccounts` and `processAccountResponse`, `revert` its `revertAccountRequest`.
 *
 * Where geth holds a response back until storage and code of its accounts are in
 * (`forwardAccountTask`), the accounts are stored at once and what they lack is listed; the cursor
 * passes an account when it leaves that list (`isWhole`).
 */
export class AccountWork
  implements Work<AccountRequest, AnswerFrame<AccountRange>, VerifiedAccounts>
{
  readonly kind = 'accounts'
  readonly #options: AccountWorkOptions
  readonly #inFlight = new Set<AccountTask>()

  constructor(options: AccountWorkOptions) {
    this.#options = options
  }

  assign(bytes: number): AccountRequest | undefined {
    for (const task of this.#options.tasks) {
      if (task.next === undefined || this.#inFlight.has(task)) continue
      if (task.pending.length >= MAX_PENDING) continue
      this.#inFlight.add(task)
      return { task, origin: task.next, bytes }
    }
    return undefined
  }

  send(
    client: SnapClient,
    { task, origin, bytes }: AccountRequest,
    options?: RequestOptions,
  ): Promise<AnswerFrame<AccountRange>> {
    const { root } = this.#options
    return client.askAccountRange({ root, origin, limit: task.last, bytes }, options)
  }

  verifyEarly(
    request: AccountRequest,
    answer: AnswerFrame<AccountRange>,
  ): Promise<VerifiedAccounts | undefined> | undefined {
    const { verifierThreads } = this.#options
    return verifierThreads?.hasRoom
      ? verifierThreads.accounts(answer, this.#claim(request))
      : undefined
  }

  async accept(
    request: AccountRequest,
    answer: AnswerFrame<AccountRange>,
    verifiedEarly?: VerifiedAccounts,
  ): Promise<StoreBatch | undefined> {
    const { task, origin } = request
    const { verifier, codes, storage, staleLeaves } = this.#options
    const verified = verifiedEarly ?? verifyAccounts(answer, this.#claim(request), verifier)
    if (verified === undefined) {
      this.revert(request)
      return undefined
    }
    const { accounts, lastKey, more, contracts: found } = verified
    const done = !more || lastKey === undefined || compareBytes(lastKey, task.last) >= 0
    const range = { first: origin, last: done ? task.last : lastKey }
    const missing = await codes.missing(found.flatMap(({ codeHash }) => codeHash ?? []))
    const contracts = found.map(({ accountHash, storageRoot, codeHash }): PendingContract => {
      const code = codeHash && bytesToHex(codeHash)
      return {
        accountHash,
        storageRoot: storageRoot && bytesToHex(storageRoot),
        codeHash: code !== undefined && missing.has(code) ? code : undefined,
        chunks: undefined,
      }
    })
    const replaced = await staleLeaves?.replace(task, range, contracts)

    const pending = contracts.filter((contract) => !isWhole(contract))
    for (const contract of pending) {
      codes.add(task, contract)
      storage.add(task, contract)
    }
    task.pending = [...task.pending, ...pending]
    task.next = done ? undefined : nextHash(range.last)
    this.#inFlight.delete(task)
    const { journal = [], ...removed } = replaced ?? {}
    return { ...removed, accounts, journal: new Map([...journal, taskRecord(task)]) }
  }

  revert({ task }: AccountRequest): void {
    this.#inFlight.delete(task)
  }

  #claim({ task, origin }: AccountRequest): AccountsClaim {
    // A server includes the first account behind the limit: it belongs to the next chunk.
    return { root: this.#options.root, origin, last: task.last }
  }
}
