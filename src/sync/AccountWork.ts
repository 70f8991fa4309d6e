import { bytesToHex } from '@noble/hashes/utils.js'
import { compareBytes } from '../bytes/compareBytes.ts'
import { nextHash } from '../bytes/hash32.ts'
import { leafKey } from '../leaves/leafAt.ts'
import { lowerBound } from '../leaves/lowerBound.ts'
import { sliceLeaves } from '../leaves/sliceLeaves.ts'
import type { SnapClient } from '../snap/SnapClient.ts'
import type { AccountRange } from '../snap/SnapMessage.ts'
import type { StoreBatch } from '../store/StateStore.ts'
import { expandSlimAccounts } from '../trie/expandSlimAccounts.ts'
import { findContracts } from '../trie/findContracts.ts'
import type { Verifier } from '../wasm/Verifier.ts'
import type { AccountTask } from './AccountTask.ts'
import type { CodeWork } from './CodeWork.ts'
import { taskRecord } from './Journal.ts'
import type { Work } from './Work.ts'

export interface AccountRequest {
  task: AccountTask
  origin: Uint8Array
  bytes: number
}

/**
 * A task fetches no further accounts while this many of its contracts wait for their storage: it bounds the journal
 * record (about 70 bytes each, rewritten with every answer) and what a crash downloads again.
 */
const MAX_PENDING_STORAGE = 1024

/** Fetches the accounts of the chunks, range by range. */
export class AccountWork implements Work<AccountRequest, AccountRange> {
  readonly kind = 'accounts'
  readonly #root: Uint8Array
  readonly #tasks: readonly AccountTask[]
  readonly #verifier: Verifier
  readonly #codes: CodeWork
  readonly #inFlight = new Set<AccountTask>()

  constructor(
    root: Uint8Array,
    tasks: readonly AccountTask[],
    verifier: Verifier,
    codes: CodeWork,
  ) {
    this.#root = root
    this.#tasks = tasks
    this.#verifier = verifier
    this.#codes = codes
  }

  assign(bytes: number): AccountRequest | undefined {
    for (const task of this.#tasks) {
      if (task.next === undefined || this.#inFlight.has(task)) continue
      if (task.storage.length >= MAX_PENDING_STORAGE) continue
      this.#inFlight.add(task)
      return { task, origin: task.next, bytes }
    }
    return undefined
  }

  send(client: SnapClient, { task, origin, bytes }: AccountRequest): Promise<AccountRange> {
    return client.getAccountRange({ root: this.#root, origin, limit: task.last, bytes })
  }

  async accept(
    { task, origin }: AccountRequest,
    answer: AccountRange,
  ): Promise<StoreBatch | undefined> {
    const { accounts, proof } = answer
    if (accounts.count === 0 && proof.length === 0) {
      this.#inFlight.delete(task)
      return undefined
    }
    // Without proof the answer can only be the whole state, from its beginning.
    const whole = proof.length === 0 && origin.every((byte) => byte === 0)
    const more = this.#verifier.verifyRange({
      root: this.#root,
      origin,
      leaves: expandSlimAccounts(accounts),
      proof: whole ? undefined : proof,
    })

    // A server includes the first account behind the limit: it belongs to the next chunk.
    const end = lowerBound(accounts, nextHash(task.last) ?? new Uint8Array(33).fill(0xff))
    const kept = sliceLeaves(accounts, 0, end)
    const lastKey = accounts.count === 0 ? undefined : leafKey(accounts, accounts.count - 1)
    const done = !more || lastKey === undefined || compareBytes(lastKey, task.last) >= 0
    const contracts = findContracts(kept)
    const missing = await this.#codes.missing(contracts.flatMap(({ codeHash }) => codeHash ?? []))

    for (const { accountHash, storageRoot, codeHash } of contracts) {
      if (storageRoot !== undefined)
        task.storage.push({ accountHash, storageRoot, next: undefined })
      const code = codeHash === undefined ? undefined : bytesToHex(codeHash)
      if (code !== undefined && missing.has(code)) this.#codes.add(task, code)
    }
    task.next = done ? undefined : nextHash(lastKey)
    this.#inFlight.delete(task)
    return { accounts: kept, journal: new Map([taskRecord(task)]) }
  }

  revert({ task }: AccountRequest): void {
    this.#inFlight.delete(task)
  }
}
