import { concatBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { FIRST_HASH, LAST_HASH, nextHash } from '../../base/bytes/hash32.ts'
import { LruMap } from '../../base/LruMap.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, lowerBound } from '../../leaves/Leaves.ts'
import { unprefixLeaves } from '../../leaves/prefixLeaves.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { StateView } from '../../store/StateView.ts'
import type { AccountTask } from '../journal/AccountTask.ts'
import type { IncompleteAccounts } from '../journal/IncompleteAccounts.ts'
import { taskRecord } from '../journal/Journal.ts'
import { isWhole, type PendingContract } from '../journal/PendingContract.ts'
import { type StoragePart, storageBatch } from './storageBatch.ts'

/** A contract that waits, and the task whose record says so. */
interface Waiting {
  task: AccountTask
  contract: PendingContract
}

/**
 * Storage roots whose slots are remembered: some 10 MB. A root that is forgotten is fetched again.
 */
const MAX_SOURCES = 65_536

/**
 * What one transaction copies, and what a contract counts for in it beside its slots: its place in
 * a journal record.
 */
const COPY_BYTES = 1024 * 1024
const BYTES_PER_CONTRACT = 128

/** Slots of one account: all up to `last`. More of them begin at `next`, if it is given. */
interface SlotRun {
  leaves: readonly Leaves[]
  last: Uint8Array
  next: Uint8Array | undefined
  bytes: number
}

/**
 * Sees to it that contracts with the same storage root (copies of one token, wallets of one
 * factory) are fetched once: one of them from a peer, and the others from the store.
 */
export class SharedStorage {
  readonly #view: Pick<StateView, 'slots'>
  readonly #marks: Pick<IncompleteAccounts, 'has'>
  /**
   * All by their storage roots: who waits, who of them is fetched, and an account whose slots are
   * stored.
   */
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #fetched = new Map<string, PendingContract>()
  readonly #sources = new LruMap<string, Uint8Array>(MAX_SOURCES)
  /** Those whose slots are stored under another account. */
  readonly #copies = new Map<PendingContract, { task: AccountTask; source: Uint8Array }>()

  /**
   * @param marks accounts whose slots may be of several roots: none of them is a source for others
   */
  constructor(view: Pick<StateView, 'slots'>, marks: Pick<IncompleteAccounts, 'has'>) {
    this.#view = view
    this.#marks = marks
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
    // A contract with a stored part is on its way.
    const isBegun = contract.chunks !== undefined && !this.#marks.has(contract.accountHash)
    if (isBegun && !this.#fetched.has(root)) this.#fetched.set(root, contract)
  }

  /**
   * Whether a contract shall be asked for, and no other with its storage root is; it counts as
   * fetched from now on.
   */
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

  /**
   * The storage of a contract is whole: it needs none any more, and is the source for those that
   * wait for its root.
   */
  stored(contract: PendingContract): void {
    const root = contract.storageRoot!
    contract.storageRoot = undefined
    contract.chunks = undefined
    const fetched = this.#fetched.get(root)
    if (fetched === contract) this.#fetched.delete(root)
    if (this.#marks.has(contract.accountHash)) return
    this.#sources.set(root, contract.accountHash)
    for (const { task, contract: other } of this.#waiting.get(root) ?? []) {
      // One that was asked for, or has chunks of its own, is on its way already.
      if (other === contract || other === fetched || other.chunks !== undefined) continue
      this.#copies.set(other, { task, source: contract.accountHash })
    }
    this.#waiting.delete(root)
  }

  /** Whether something waits to be copied. */
  get pending(): boolean {
    return this.#copies.size > 0
  }

  /**
   * Copies slots to those that wait, about a MiB of them. All that was accepted must be in the
   * store.
   * @returns what is to be written
   */
  async copy(): Promise<StoreBatch> {
    const tasks = new Set<AccountTask>()
    const parts: StoragePart[] = []
    // Most are small, and many in a row have one source.
    const whole = new Map<Uint8Array, SlotRun>()
    let bytes = 0
    for (const [contract, { task, source }] of this.#copies) {
      const first = contract.chunks?.[0]?.next ?? FIRST_HASH
      const run = whole.get(source) ?? (await this.#slots(source, first))
      if (run.next === undefined && first === FIRST_HASH) whole.set(source, run)
      parts.push({ accountHash: contract.accountHash, first, ...run })
      tasks.add(task)
      if (run.next === undefined) {
        this.#copies.delete(contract)
        contract.storageRoot = undefined
        contract.chunks = undefined
      } else {
        contract.chunks = [{ next: run.next, last: LAST_HASH }]
      }
      bytes += run.bytes + BYTES_PER_CONTRACT
      if (bytes >= COPY_BYTES) break
    }
    for (const task of tasks) task.pending = task.pending.filter((it) => !isWhole(it))
    parts.sort((a, b) => compareBytes(a.accountHash, b.accountHash))
    return { ...storageBatch(parts), journal: new Map([...tasks].map(taskRecord)) }
  }

  /** Slots of an account from one on, about a MiB of them. */
  async #slots(account: Uint8Array, first: Uint8Array): Promise<SlotRun> {
    const after = nextHash(account)
    const end = after && concatBytes(after, FIRST_HASH)
    const leaves: Leaves[] = []
    let bytes = 0
    for await (const page of this.#view.slots(concatBytes(account, first))) {
      const to = end ? lowerBound(page, end) : page.count
      if (to > 0) leaves.push(unprefixLeaves(page, 0, to, 32))
      if (to < page.count) break
      bytes += page.keys.length + page.values.length
      if (bytes < COPY_BYTES) continue
      const last = leafKey(page, to - 1).slice(32)
      const next = nextHash(last)
      if (next !== undefined) return { leaves, last, next, bytes }
    }
    return { leaves, last: LAST_HASH, next: undefined, bytes }
  }
}
