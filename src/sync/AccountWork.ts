import { bytesToHex } from '@noble/hashes/utils.js'
import { compareBytes } from '../bytes/compareBytes.ts'
import { nextHash } from '../bytes/hash32.ts'
import { leafKey } from '../leaves/leafAt.ts'
import { lowerBound } from '../leaves/lowerBound.ts'
import { sliceLeaves } from '../leaves/sliceLeaves.ts'
import type { RequestOptions, SnapClient } from '../snap/SnapClient.ts'
import type { AccountRange } from '../snap/SnapMessage.ts'
import type { StoreBatch } from '../store/StateStore.ts'
import { expandSlimAccounts } from '../trie/expandSlimAccounts.ts'
import { findContracts } from '../trie/findContracts.ts'
import type { Verifier } from '../wasm/Verifier.ts'
import type { AccountTask } from './AccountTask.ts'
import type { CodeWork } from './CodeWork.ts'
import { taskRecord } from './Journal.ts'
import type { Leftovers } from './Leftovers.ts'
import { isWhole, type PendingContract } from './PendingContract.ts'
import type { StorageWork } from './StorageWork.ts'
import type { Work } from './Work.ts'

export interface AccountRequest {
  task: AccountTask
  origin: Uint8Array
  bytes: number
}

export interface AccountWorkOptions {
  root: Uint8Array
  tasks: readonly AccountTask[]
  verifier: Verifier
  codes: CodeWork
  storage: StorageWork
  /** Given where something may be stored beyond the cursors. */
  leftovers: Leftovers | undefined
}

/**
 * A task fetches no further accounts while this many of its contracts wait for storage or code: it bounds the journal
 * record (about 100 bytes each, rewritten with every answer) and what a change of the root fetches again.
 */
const MAX_PENDING = 1024

/**
 * Fetches the accounts of the chunks, range by range: `assign` is geth's `assignAccountTasks`, `accept` its
 * `OnAccounts` and `processAccountResponse`, `revert` its `revertAccountRequest`.
 *
 * Where geth holds a response back until storage and code of its accounts are in (`forwardAccountTask`), the accounts are
 * stored at once and what they lack is listed; the cursor passes an account when it leaves that list (`isWhole`).
 */
export class AccountWork implements Work<AccountRequest, AccountRange> {
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
  ): Promise<AccountRange> {
    const { root } = this.#options
    return client.getAccountRange({ root, origin, limit: task.last, bytes }, options)
  }

  async accept(
    request: AccountRequest,
    { accounts, proof }: AccountRange,
  ): Promise<StoreBatch | undefined> {
    const { task, origin } = request
    const { root, verifier, codes, storage, leftovers } = this.#options
    if (accounts.count === 0 && proof.length === 0) {
      this.revert(request)
      return undefined
    }
    // Without proof the answer can only be the whole state, from its beginning.
    const whole = proof.length === 0 && origin.every((byte) => byte === 0)
    const more = verifier.verifyRange({
      root,
      origin,
      leaves: expandSlimAccounts(accounts),
      proof: whole ? undefined : proof,
    })

    // A server includes the first account behind the limit: it belongs to the next chunk.
    const end = lowerBound(accounts, nextHash(task.last) ?? new Uint8Array(33).fill(0xff))
    const kept = sliceLeaves(accounts, 0, end)
    const lastKey = accounts.count === 0 ? undefined : leafKey(accounts, accounts.count - 1)
    const done = !more || lastKey === undefined || compareBytes(lastKey, task.last) >= 0
    const range = { first: origin, last: done ? task.last : lastKey.slice() }
    const found = findContracts(kept)
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
    const replaced = await leftovers?.replace(task, range, contracts)

    const pending = contracts.filter((contract) => !isWhole(contract))
    for (const contract of pending) {
      codes.add(task, contract)
      storage.add(task, contract)
    }
    task.pending = [...task.pending, ...pending]
    task.next = done ? undefined : nextHash(range.last)
    this.#inFlight.delete(task)
    const { journal = [], ...removed } = replaced ?? {}
    return { ...removed, accounts: kept, journal: new Map([...journal, taskRecord(task)]) }
  }

  revert({ task }: AccountRequest): void {
    this.#inFlight.delete(task)
  }
}
