import { concatBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../bytes/compareBytes.ts'
import { nextHash } from '../bytes/hash32.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import { leafKey } from '../leaves/leafAt.ts'
import { lowerBound } from '../leaves/lowerBound.ts'
import { unprefixLeaves } from '../leaves/unprefixLeaves.ts'
import type { StoreBatch } from '../store/StateStore.ts'
import type { StateView } from '../store/StateView.ts'
import type { AccountTask } from './AccountTask.ts'
import { taskRecord } from './Journal.ts'
import { isWhole, type PendingContract } from './PendingContract.ts'
import { storageBatch } from './storageBatch.ts'

/** A contract that waits, and the task whose record says so. */
interface Waiting {
  task: AccountTask
  contract: PendingContract
}

/** Storage roots whose slots are remembered: some 10 MB. A root that is forgotten is fetched again. */
const MAX_SOURCES = 65_536

const FIRST = /* @__PURE__ */ new Uint8Array(32)
const LAST = /* @__PURE__ */ new Uint8Array(32).fill(0xff)

/**
 * Sees to it that contracts with the same storage root (copies of one token, wallets of one factory) are fetched once: one
 * of them from a peer, and the others from the store.
 */
export class SharedStorage {
  readonly #view: Pick<StateView, 'slots'>
  /** All by their storage roots: who waits, who of them is fetched, and an account whose slots are stored. */
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #fetched = new Map<string, PendingContract>()
  readonly #sources = new Map<string, Uint8Array>()
  /** Those whose slots are stored under another account. */
  readonly #copies = new Map<PendingContract, { task: AccountTask; source: Uint8Array }>()

  constructor(view: Pick<StateView, 'slots'>) {
    this.#view = view
  }

  /** Notes a contract of a task that needs its storage. */
  add(task: AccountTask, contract: PendingContract): void {
    const root = contract.storageRoot!
    const source = this.#sources.get(root)
    if (source !== undefined && contract.chunks === undefined) {
      this.#copies.set(contract, { task, source })
      return
    }
    const waiting = this.#waiting.get(root)
    if (waiting === undefined) this.#waiting.set(root, [{ task, contract }])
    else waiting.push({ task, contract })
  }

  /** Whether a contract shall be asked for, and no other with its storage root is; it counts as fetched from now on. */
  mayFetch(contract: PendingContract): boolean {
    if (this.#copies.has(contract)) return false
    const root = contract.storageRoot!
    const fetched = this.#fetched.get(root)
    if (fetched !== undefined && fetched !== contract) return false
    this.#fetched.set(root, contract)
    return true
  }

  /** Whether a contract gets its slots from the store. */
  isCopied(contract: PendingContract): boolean {
    return this.#copies.has(contract)
  }

  /** A contract that was asked for did not come: any other with its root may be next. */
  reverted({ storageRoot }: PendingContract): void {
    if (storageRoot !== undefined) this.#fetched.delete(storageRoot)
  }

  /** The storage of a contract is whole: it needs none any more, and is the source for the others with its root. */
  stored(contract: PendingContract): void {
    const root = contract.storageRoot!
    contract.storageRoot = undefined
    contract.chunks = undefined
    this.#fetched.delete(root)
    this.#sources.set(root, contract.accountHash)
    if (this.#sources.size > MAX_SOURCES) {
      this.#sources.delete(this.#sources.keys().next().value!)
    }
    for (const { task, contract: other } of this.#waiting.get(root) ?? []) {
      // One that goes on with chunks of its own is on its way already.
      if (other === contract || other.chunks !== undefined) continue
      this.#copies.set(other, { task, source: contract.accountHash })
    }
    this.#waiting.delete(root)
  }

  /** Whether something waits to be copied. */
  get pending(): boolean {
    return this.#copies.size > 0
  }

  /**
   * Copies a page of slots from one contract to the next one that waits. All that was accepted must be in the store.
   * @returns what is to be written
   */
  async copy(): Promise<StoreBatch> {
    const [next] = this.#copies
    if (next === undefined) return {}
    const [contract, { task, source }] = next
    const first = contract.chunks?.[0]?.next ?? FIRST
    const leaves = await this.#slots(source, first)
    const lastKey = leaves === undefined ? undefined : leafKey(leaves, leaves.count - 1)
    const resume = lastKey && nextHash(lastKey)
    if (resume === undefined) {
      this.#copies.delete(contract)
      contract.storageRoot = undefined
      contract.chunks = undefined
      task.pending = task.pending.filter((it) => !isWhole(it))
    } else {
      contract.chunks = [{ next: resume, last: LAST }]
    }
    const part = { accountHash: contract.accountHash, first, last: lastKey ?? LAST }
    return {
      ...(leaves ? storageBatch([{ ...part, leaves }]) : {}),
      journal: new Map([taskRecord(task)]),
    }
  }

  /** Slots of an account from one on, a page of them at most; `undefined` where there are none. */
  async #slots(account: Uint8Array, first: Uint8Array): Promise<Leaves | undefined> {
    const end = nextHash(account)
    for await (const leaves of this.#view.slots(concatBytes(account, first))) {
      const to = end ? lowerBound(leaves, concatBytes(end, FIRST)) : leaves.count
      const own = to > 0 && compareBytes(leafKey(leaves, 0).subarray(0, 32), account) === 0
      return own ? unprefixLeaves(leaves, 0, to, 32) : undefined
    }
    return undefined
  }
}
