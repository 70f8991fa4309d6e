import { nextHash } from '../bytes/hash32.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import { leafKey } from '../leaves/leafAt.ts'
import { prefixLeaves } from '../leaves/prefixLeaves.ts'
import type { SnapClient } from '../snap/SnapClient.ts'
import type { StorageRanges } from '../snap/SnapMessage.ts'
import type { StoreBatch } from '../store/StateStore.ts'
import type { Verifier } from '../wasm/Verifier.ts'
import type { AccountTask, PendingStorage } from './AccountTask.ts'
import { taskRecord } from './Journal.ts'
import type { Work } from './Work.ts'

export interface StorageRequest {
  task: AccountTask
  /** In ascending order of account hash; exactly one where it has a cursor. */
  contracts: PendingStorage[]
  bytes: number
}

/** What a small contract counts for in a request of many: the reference's figure. */
const BYTES_PER_CONTRACT = 1024

const NO_LEAVES: Leaves = {
  count: 0,
  keySize: 32,
  keys: new Uint8Array(),
  values: new Uint8Array(),
  offsets: new Uint32Array(1),
}

/**
 * Fetches the slots of contracts: many small ones in one request, a large one range by range.
 *
 * A storage root is proven by the account above it, so that slots need no other proof than their own trie's.
 */
export class StorageWork implements Work<StorageRequest, StorageRanges> {
  readonly kind = 'storage'
  readonly #root: Uint8Array
  readonly #tasks: readonly AccountTask[]
  readonly #verifier: Verifier
  readonly #inFlight = new Set<PendingStorage>()

  constructor(root: Uint8Array, tasks: readonly AccountTask[], verifier: Verifier) {
    this.#root = root
    this.#tasks = tasks
    this.#verifier = verifier
  }

  assign(bytes: number): StorageRequest | undefined {
    const most = Math.ceil(bytes / BYTES_PER_CONTRACT)
    for (const task of this.#tasks) {
      const open = task.storage.filter((contract) => !this.#inFlight.has(contract))
      const begun = open.find(({ next }) => next !== undefined)
      const contracts = begun === undefined ? open.slice(0, most) : [begun]
      if (contracts.length === 0) continue
      for (const contract of contracts) this.#inFlight.add(contract)
      return { task, contracts, bytes }
    }
    return undefined
  }

  send(client: SnapClient, { contracts, bytes }: StorageRequest): Promise<StorageRanges> {
    const origin = contracts[0]?.next
    return client.getStorageRanges({
      root: this.#root,
      accounts: contracts.map(({ accountHash }) => accountHash),
      bytes,
      ...(origin === undefined ? {} : { origin }),
    })
  }

  accept(request: StorageRequest, { slots, proof }: StorageRanges): StoreBatch | undefined {
    if (slots.length === 0 && proof.length === 0) {
      this.revert(request)
      return undefined
    }
    const { task, contracts } = request
    // A proof without slots proves that a contract has none from the origin on.
    const lists = slots.length === 0 ? [NO_LEAVES] : slots
    const proven = lists.map((leaves, index) => {
      const contract = contracts[index]!
      const last = index === lists.length - 1
      const partial = contract.next !== undefined || (last && proof.length > 0)
      const more = this.#verifier.verifyRange({
        root: contract.storageRoot,
        origin: contract.next ?? new Uint8Array(32),
        leaves,
        proof: partial ? proof : undefined,
      })
      return { contract, leaves, more }
    })

    const finished = new Set<PendingStorage>()
    for (const { contract, leaves, more } of proven) {
      if (more) contract.next = nextHash(leafKey(leaves, leaves.count - 1))
      else finished.add(contract)
    }
    task.storage = task.storage.filter((contract) => !finished.has(contract))
    this.revert(request)
    return {
      slots: prefixLeaves(proven.map(({ contract, leaves }) => [contract.accountHash, leaves])),
      journal: new Map([taskRecord(task)]),
    }
  }

  revert({ contracts }: StorageRequest): void {
    for (const contract of contracts) this.#inFlight.delete(contract)
  }
}
