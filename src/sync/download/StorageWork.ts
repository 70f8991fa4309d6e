import { hexToBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { FIRST_HASH, nextHash } from '../../base/bytes/hash32.ts'
import type { AnswerFrame } from '../../snap/AnswerFrame.ts'
import type { RequestOptions, SnapClient } from '../../snap/SnapClient.ts'
import type { StorageRanges } from '../../snap/SnapMessage.ts'
import type { VerifierThreads } from '../../snap/verify/pool/VerifierThreads.ts'
import { verifySlots } from '../../snap/verify/verifySlots.ts'
import type { KeyRange } from '../../store/KeyRange.ts'
import { slotRange } from '../../store/KeyRange.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { SlotsClaim, VerifiedSlots, Verifier } from '../../verifier/Verifier.ts'
import type { AccountTask } from '../journal/AccountTask.ts'
import { taskRecord } from '../journal/Journal.ts'
import { isWhole, type PendingContract, type StorageChunk } from '../journal/PendingContract.ts'
import type { Work } from '../loop/Work.ts'
import type { SharedStorage } from './SharedStorage.ts'
import { splitStorage } from './splitStorage.ts'

export interface StorageRequest {
  task: AccountTask
  /** In ascending order of account hash; exactly one where a chunk is asked for. */
  contracts: PendingContract[]
  /** The chunk of a large contract as it was when the request was made. */
  chunk: StorageChunk | undefined
  bytes: number
}

export interface StorageWorkOptions {
  root: Uint8Array
  tasks: readonly AccountTask[]
  verifier: Verifier
  /** Given where other threads prove too. */
  verifierThreads: VerifierThreads | undefined
  shared: SharedStorage
}

/** What a small contract counts for in a request of many: the reference's figure. */
const BYTES_PER_CONTRACT = 1024

/**
 * Fetches the slots of contracts: many small ones in one request, a large one chunk by chunk
 * (geth's `assignStorageTasks`, `OnStorage`, `processStorageResponse`, `cleanStorageTasks` and
 * `revertStorageRequest`).
 *
 * A storage root is verified by the account above it, so that slots need no other proof than their
 * own trie's.
 */
export class StorageWork
  implements Work<StorageRequest, AnswerFrame<StorageRanges>, VerifiedSlots>
{
  readonly kind = 'storage'
  readonly #options: StorageWorkOptions
  readonly #inFlight = new Set<PendingContract | StorageChunk>()

  constructor(options: StorageWorkOptions) {
    this.#options = options
    const { tasks } = options
    for (const task of tasks) for (const contract of task.pending) this.add(task, contract)
  }

  /** Notes a contract of `task`, which may need storage. */
  add(task: AccountTask, contract: PendingContract): void {
    if (contract.storageRoot !== undefined) this.#options.shared.add(task, contract)
  }

  assign(bytes: number): StorageRequest | undefined {
    for (const task of this.#options.tasks) {
      const request = this.#chunkOf(task, bytes) ?? this.#contractsOf(task, bytes)
      if (request === undefined) continue
      for (const item of request.chunk ? [request.chunk] : request.contracts) {
        this.#inFlight.add(item)
      }
      return request
    }
    return undefined
  }

  #chunkOf(task: AccountTask, bytes: number): StorageRequest | undefined {
    for (const contract of task.pending) {
      const chunk = contract.chunks?.find((chunk) => !this.#inFlight.has(chunk))
      if (chunk !== undefined && !this.#options.shared.isCopied(contract)) {
        return { task, contracts: [contract], chunk, bytes }
      }
    }
    return undefined
  }

  #contractsOf(task: AccountTask, bytes: number): StorageRequest | undefined {
    const most = Math.ceil(bytes / BYTES_PER_CONTRACT)
    const contracts: PendingContract[] = []
    for (const contract of task.pending) {
      if (contracts.length === most) break
      if (contract.storageRoot === undefined || contract.chunks || this.#inFlight.has(contract))
        continue
      if (this.#options.shared.mayFetch(contract)) contracts.push(contract)
    }
    return contracts.length === 0 ? undefined : { task, contracts, chunk: undefined, bytes }
  }

  send(
    client: SnapClient,
    { contracts, chunk, bytes }: StorageRequest,
    options?: RequestOptions,
  ): Promise<AnswerFrame<StorageRanges>> {
    const accounts = contracts.map(({ accountHash }) => accountHash)
    const range = chunk === undefined ? {} : { origin: chunk.next, limit: chunk.last }
    return client.askStorageRanges({ root: this.#options.root, accounts, bytes, ...range }, options)
  }

  verifyEarly(
    request: StorageRequest,
    answer: AnswerFrame<StorageRanges>,
  ): Promise<VerifiedSlots | undefined> | undefined {
    const { verifierThreads } = this.#options
    // Asked again and again while nobody takes it: to write down hundreds of claims each time took
    // a tenth of the engine's time.
    return verifierThreads?.hasRoom ? verifierThreads.slots(answer, claimOf(request)) : undefined
  }

  accept(
    request: StorageRequest,
    answer: AnswerFrame<StorageRanges>,
    verifiedEarly?: VerifiedSlots,
  ): StoreBatch | undefined {
    const { task, contracts, chunk } = request
    const { verifier } = this.#options
    const verified = verifiedEarly ?? verifySlots(answer, claimOf(request), verifier)
    if (verified === undefined) {
      this.revert(request)
      return undefined
    }
    const removeSlots =
      chunk === undefined
        ? contracts.slice(0, verified.contracts).map((contract, index) => {
            return this.#begin(contract, index === verified.contracts - 1 ? verified : undefined)
          })
        : [this.#advance(contracts[0]!, chunk, verified)]
    task.pending = task.pending.filter((contract) => !isWhole(contract))
    this.revert(request)
    return { removeSlots, slots: verified.slots, journal: new Map([taskRecord(task)]) }
  }

  /**
   * Takes the first slots of a contract, which are all where it is small.
   * @param verified where it is the last of the answer
   * @returns where they lie
   */
  #begin(contract: PendingContract, verified: VerifiedSlots | undefined): KeyRange {
    const { accountHash } = contract
    if (!verified?.more) {
      this.#options.shared.stored(contract)
      return slotRange(accountHash)
    }
    contract.chunks = splitStorage(verified.lastCount, verified.lastKey!)
    return slotRange(accountHash, FIRST_HASH, verified.lastKey!)
  }

  /** Takes the next slots of a chunk. @returns where they lie */
  #advance(
    contract: PendingContract,
    chunk: StorageChunk,
    { lastKey, more }: VerifiedSlots,
  ): KeyRange {
    const done = !more || lastKey === undefined || compareBytes(lastKey, chunk.last) >= 0
    const range = slotRange(contract.accountHash, chunk.next, done ? chunk.last : lastKey)
    if (done) contract.chunks = contract.chunks!.filter((it) => it !== chunk)
    else chunk.next = nextHash(lastKey)!
    if (contract.chunks!.length === 0) this.#options.shared.stored(contract)
    return range
  }

  revert({ contracts, chunk }: StorageRequest): void {
    if (chunk !== undefined) this.#inFlight.delete(chunk)
    for (const contract of contracts) {
      this.#inFlight.delete(contract)
      if (contract.chunks === undefined) this.#options.shared.reverted(contract)
    }
  }
}

function claimOf({ contracts, chunk }: StorageRequest): SlotsClaim {
  return {
    contracts: contracts.map(({ accountHash, storageRoot }) => {
      return { accountHash, storageRoot: hexToBytes(storageRoot!) }
    }),
    // A server includes the first slot behind the limit: it belongs to the next chunk.
    chunk: chunk && { first: chunk.next, last: chunk.last },
  }
}
