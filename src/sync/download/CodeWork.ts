import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { LruMap } from '../../base/LruMap.ts'
import type { RequestOptions, SnapClient } from '../../snap/SnapClient.ts'
import type { ByteCodes } from '../../snap/SnapMessage.ts'
import { CodeMismatchError } from '../../snap/verify/errors.ts'
import { matchAnswer } from '../../snap/verify/matchAnswer.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { StateView } from '../../store/StateView.ts'
import type { Verifier } from '../../verifier/Verifier.ts'
import type { AccountTask } from '../journal/AccountTask.ts'
import { taskRecord } from '../journal/Journal.ts'
import { isWhole, type PendingContract } from '../journal/PendingContract.ts'
import type { Work } from '../loop/Work.ts'

export interface CodeRequest {
  /** In hexadecimal without prefix. */
  hashes: string[]
}

/**
 * Delivered codes that the store may not show yet: far more than eight answers of 84 codes, which
 * are all that wait for it.
 */
const MAX_DELIVERED = 4096

/** Bytes that an answer may have: the reference always names the most. */
const ANSWER_BYTES = 512 * 1024

/**
 * Fetches missing codes, each once in the whole sync, however many accounts of however many tasks
 * share it (geth's `assignBytecodeTasks`, `OnByteCodes`, `processBytecodeResponse` and
 * `revertBytecodeRequest`, which ask again in each wave).
 */
export class CodeWork implements Work<CodeRequest, ByteCodes> {
  readonly kind = 'codes'
  readonly #view: Pick<StateView, 'hasCodes'>
  readonly #verifier: Verifier
  /** Code hashes that wait to be requested, and those in flight. */
  readonly #open = new Set<string>()
  readonly #inFlight = new Set<string>()
  /** Who waits for a code, by its hash. */
  readonly #waiting = new Map<string, { task: AccountTask; contract: PendingContract }[]>()
  /** Delivered in this run: on their way to the store, which may not show them yet. */
  readonly #delivered = new LruMap<string, true>(MAX_DELIVERED)

  constructor(
    tasks: readonly AccountTask[],
    view: Pick<StateView, 'hasCodes'>,
    verifier: Verifier,
  ) {
    this.#view = view
    this.#verifier = verifier
    for (const task of tasks) for (const contract of task.pending) this.add(task, contract)
  }

  /** Those of the hashes whose code is not stored; in hexadecimal without prefix. */
  async missing(hashes: readonly Uint8Array[]): Promise<Set<string>> {
    const unique = new Set(hashes.map(bytesToHex))
    const asked = [...unique].filter((hex) => !this.#delivered.has(hex))
    const stored = await this.#view.hasCodes(asked.map(hexToBytes))
    return new Set(asked.filter((_, index) => !stored[index]))
  }

  /** Notes a contract of `task`, which may need a code. */
  add(task: AccountTask, contract: PendingContract): void {
    const { codeHash } = contract
    if (codeHash === undefined) return
    const waiting = this.#waiting.get(codeHash)
    if (waiting === undefined) this.#waiting.set(codeHash, [{ task, contract }])
    else waiting.push({ task, contract })
    if (!this.#inFlight.has(codeHash)) this.#open.add(codeHash)
  }

  assign(capacity: number): CodeRequest | undefined {
    if (this.#open.size === 0) return undefined
    const hashes = [...this.#open].slice(0, capacity)
    for (const hash of hashes) {
      this.#open.delete(hash)
      this.#inFlight.add(hash)
    }
    return { hashes }
  }

  send(client: SnapClient, { hashes }: CodeRequest, options?: RequestOptions): Promise<ByteCodes> {
    return client.getByteCodes({ hashes: hashes.map(hexToBytes), bytes: ANSWER_BYTES }, options)
  }

  accept(request: CodeRequest, { codes }: ByteCodes): StoreBatch | undefined {
    if (codes.length === 0) {
      this.revert(request)
      return undefined
    }
    const toError = (digest: Uint8Array) => new CodeMismatchError(digest)
    const wanted = request.hashes.map(hexToBytes)
    const matched = matchAnswer(wanted, codes, this.#verifier, toError)

    const touched = new Set<AccountTask>()
    const stored: { hash: Uint8Array; code: Uint8Array }[] = []
    for (const [index, hash] of request.hashes.entries()) {
      const code = matched[index]
      if (code === undefined) continue
      stored.push({ hash: wanted[index]!, code })
      this.#inFlight.delete(hash)
      this.#delivered.set(hash, true)
      for (const { task, contract } of this.#waiting.get(hash) ?? []) {
        contract.codeHash = undefined
        touched.add(task)
      }
      this.#waiting.delete(hash)
    }
    for (const task of touched) task.pending = task.pending.filter((it) => !isWhole(it))
    this.revert({ hashes: request.hashes.filter((hash) => this.#inFlight.has(hash)) })
    return { codes: stored, journal: new Map([...touched].map(taskRecord)) }
  }

  revert({ hashes }: CodeRequest): void {
    for (const hash of hashes) {
      this.#inFlight.delete(hash)
      this.#open.add(hash)
    }
  }
}
