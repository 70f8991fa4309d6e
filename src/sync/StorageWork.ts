import { hexToBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../bytes/compareBytes.ts'
import { nextHash } from '../bytes/hash32.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import { leafKey } from '../leaves/leafAt.ts'
import { lowerBound } from '../leaves/lowerBound.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import { sliceLeaves } from '../leaves/sliceLeaves.ts'
import type { RequestOptions, SnapClient } from '../snap/SnapClient.ts'
import type { StorageRanges } from '../snap/SnapMessage.ts'
import type { StoreBatch } from '../store/StateStore.ts'
import type { Verifier } from '../wasm/Verifier.ts'
import type { AccountTask } from './AccountTask.ts'
import { taskRecord } from './Journal.ts'
import { isWhole, type PendingContract, type StorageChunk } from './PendingContract.ts'
import type { SharedStorage } from './SharedStorage.ts'
import { splitStorage } from './splitStorage.ts'
import { storageBatch } from './storageBatch.ts'
import type { Work } from './Work.ts'

export interface StorageRequest {
  task: AccountTask
  /** In ascending order of account hash; exactly one where a chunk is asked for. */
  contracts: PendingContract[]
  /** The chunk of a large contract as it was when the request was made. */
  chunk: StorageChunk | undefined
  bytes: number
}

/** What a small contract counts for in a request of many: the reference's figure. */
const BYTES_PER_CONTRACT = 1024

/**
 * Fetches the slots of contracts: many small ones in one request, a large one chunk by chunk (geth's `assignStorageTasks`,
 * `OnStorage`, `processStorageResponse`, `cleanStorageTasks` and `revertStorageRequest`).
 *
 * A storage root is proven by the account above it, so that slots need no other proof than their own trie's.
 */
export class StorageWork implements Work<StorageRequest, StorageRanges> {
  readonly kind = 'storage'
  readonly #root: Uint8Array
  readonly #tasks: readonly AccountTask[]
  readonly #verifier: Verifier
  readonly #shared: SharedStorage
  readonly #inFlight = new Set<PendingContract | StorageChunk>()

  constructor(
    root: Uint8Array,
    tasks: readonly AccountTask[],
    verifier: Verifier,
    shared: SharedStorage,
  ) {
    this.#root = root
    this.#tasks = tasks
    this.#verifier = verifier
    this.#shared = shared
    for (const task of tasks) for (const contract of task.pending) this.add(task, contract)
  }

  /** Notes a contract of `task`, which may need storage. */
  add(task: AccountTask, contract: PendingContract): void {
    if (contract.storageRoot !== undefined) this.#shared.add(task, contract)
  }

  assign(bytes: number): StorageRequest | undefined {
    for (const task of this.#tasks) {
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
      if (chunk !== undefined && !this.#shared.isCopied(contract)) {
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
      if (this.#shared.mayFetch(contract)) contracts.push(contract)
    }
    return contracts.length === 0 ? undefined : { task, contracts, chunk: undefined, bytes }
  }

  send(
    client: SnapClient,
    { contracts, chunk, bytes }: StorageRequest,
    options?: RequestOptions,
  ): Promise<StorageRanges> {
    const accounts = contracts.map(({ accountHash }) => accountHash)
    const range = chunk === undefined ? {} : { origin: chunk.next, limit: chunk.last }
    return client.getStorageRanges({ root: this.#root, accounts, bytes, ...range }, options)
  }

  accept(request: StorageRequest, { slots, proof }: StorageRanges): StoreBatch | undefined {
    if (slots.length === 0 && proof.length === 0) {
      this.revert(request)
      return undefined
    }
    const { task, contracts, chunk } = request
    // A proof without slots proves that a contract has none from the origin on.
    const lists = slots.length === 0 ? [packLeaves([])] : slots
    const proven = lists.map((leaves, index) => {
      const contract = contracts[index]!
      const last = index === lists.length - 1
      const more = this.#verifier.verifyRange({
        root: hexToBytes(contract.storageRoot!),
        origin: chunk?.next ?? new Uint8Array(32),
        leaves,
        proof: chunk !== undefined || (last && proof.length > 0) ? proof : undefined,
      })
      return { contract, leaves, more }
    })

    const parts =
      chunk === undefined
        ? proven.map(({ contract, leaves, more }) => this.#begin(contract, leaves, more))
        : proven.map(({ contract, leaves, more }) => this.#advance(contract, chunk, leaves, more))
    task.pending = task.pending.filter((contract) => !isWhole(contract))
    this.revert(request)
    return { ...storageBatch(parts), journal: new Map([taskRecord(task)]) }
  }

  /** Takes the first slots of a contract, which are all where it is small. */
  #begin(contract: PendingContract, leaves: Leaves, more: boolean) {
    const { accountHash } = contract
    if (!more) {
      this.#shared.stored(contract)
      return {
        accountHash,
        first: new Uint8Array(32),
        last: new Uint8Array(32).fill(0xff),
        leaves: [leaves],
      }
    }
    const lastKey = leafKey(leaves, leaves.count - 1).slice()
    contract.chunks = splitStorage(leaves.count, lastKey)
    return { accountHash, first: new Uint8Array(32), last: lastKey, leaves: [leaves] }
  }

  /** Takes the next slots of a chunk. */
  #advance(contract: PendingContract, chunk: StorageChunk, leaves: Leaves, more: boolean) {
    // A server includes the first slot behind the limit: it belongs to the next chunk.
    const end = nextHash(chunk.last)
    const kept = end ? sliceLeaves(leaves, 0, lowerBound(leaves, end)) : leaves
    const lastKey = leaves.count === 0 ? undefined : leafKey(leaves, leaves.count - 1).slice()
    const done = !more || lastKey === undefined || compareBytes(lastKey, chunk.last) >= 0
    const part = {
      accountHash: contract.accountHash,
      first: chunk.next,
      last: done ? chunk.last : lastKey,
      leaves: [kept],
    }
    if (done) contract.chunks = contract.chunks!.filter((it) => it !== chunk)
    else chunk.next = nextHash(lastKey)!
    if (contract.chunks!.length === 0) this.#shared.stored(contract)
    return part
  }

  revert({ contracts, chunk }: StorageRequest): void {
    if (chunk !== undefined) this.#inFlight.delete(chunk)
    for (const contract of contracts) {
      this.#inFlight.delete(contract)
      if (contract.chunks === undefined) this.#shared.reverted(contract)
    }
  }
}
