import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { CambiumError } from '../bytes/CambiumError.ts'
import type { SnapClient } from '../snap/SnapClient.ts'
import type { ByteCodes } from '../snap/SnapMessage.ts'
import type { StateStore, StoreBatch } from '../store/StateStore.ts'
import type { Verifier } from '../wasm/Verifier.ts'
import type { AccountTask } from './AccountTask.ts'
import { taskRecord } from './Journal.ts'
import type { Work } from './Work.ts'

/** A peer delivered code that was not asked for, or not in the order of the request. */
export class CodeMismatchError extends CambiumError {
  constructor(hash: string) {
    super(
      'CODE_MISMATCH',
      `delivered code hashes to 0x${hash}, which was not requested at its place`,
    )
  }
}

export interface CodeRequest {
  /** In hexadecimal without prefix. */
  hashes: string[]
  bytes: number
}

/**
 * What a code counts for in a request of many: a quarter of the largest (24 KiB, EIP-170), the reference's figure, as
 * most codes are far smaller.
 */
const BYTES_PER_CODE = 6 * 1024

/** Fetches missing codes, each once however many accounts share it. */
export class CodeWork implements Work<CodeRequest, ByteCodes> {
  readonly kind = 'codes'
  readonly #tasks: readonly AccountTask[]
  readonly #store: StateStore
  readonly #verifier: Verifier
  /** Code hashes that wait to be requested, and those in flight. */
  readonly #open: Set<string>
  readonly #inFlight = new Set<string>()
  /** Delivered in this run: on their way to the store, which may not show them yet. */
  readonly #delivered = new Set<string>()

  constructor(tasks: readonly AccountTask[], store: StateStore, verifier: Verifier) {
    this.#tasks = tasks
    this.#store = store
    this.#verifier = verifier
    this.#open = new Set(tasks.flatMap((task) => [...task.codes]))
  }

  /** Those of the hashes whose code is not stored; in hexadecimal without prefix. */
  async missing(hashes: readonly Uint8Array[]): Promise<Set<string>> {
    const unique = new Map(hashes.map((hash) => [bytesToHex(hash), hash]))
    const missing = new Set<string>()
    await Promise.all(
      Array.from(unique, async ([hex, hash]) => {
        if (!this.#delivered.has(hex) && !(await this.#store.hasCode(hash))) missing.add(hex)
      }),
    )
    return missing
  }

  /** Notes that an account of `task` needs a code. */
  add(task: AccountTask, hash: string): void {
    task.codes.add(hash)
    if (!this.#inFlight.has(hash)) this.#open.add(hash)
  }

  /** @param most codes to ask for */
  assign(most: number): CodeRequest | undefined {
    if (this.#open.size === 0) return undefined
    const hashes = [...this.#open].slice(0, most)
    for (const hash of hashes) {
      this.#open.delete(hash)
      this.#inFlight.add(hash)
    }
    return { hashes, bytes: hashes.length * BYTES_PER_CODE }
  }

  send(client: SnapClient, { hashes, bytes }: CodeRequest): Promise<ByteCodes> {
    return client.getByteCodes({ hashes: hashes.map(hexToBytes), bytes })
  }

  accept(request: CodeRequest, { codes }: ByteCodes): StoreBatch | undefined {
    if (codes.length === 0) {
      this.revert(request)
      return undefined
    }
    const digests = this.#verifier.keccak256Batch(codes)
    const stored: { hash: Uint8Array; code: Uint8Array }[] = []
    const delivered = new Set<string>()
    let place = 0
    // A server leaves out what it does not have and keeps the order of the rest.
    codes.forEach((code, index) => {
      const hash = digests.slice(index * 32, (index + 1) * 32)
      const hex = bytesToHex(hash)
      while (place < request.hashes.length && request.hashes[place] !== hex) place++
      if (place++ === request.hashes.length) throw new CodeMismatchError(hex)
      stored.push({ hash, code })
      delivered.add(hex)
    })

    for (const hash of request.hashes) {
      this.#inFlight.delete(hash)
      if (delivered.has(hash)) this.#delivered.add(hash)
      else this.#open.add(hash)
    }
    const journal = new Map<string, Uint8Array>()
    for (const task of this.#tasks) {
      const before = task.codes.size
      for (const hash of delivered) task.codes.delete(hash)
      if (task.codes.size < before) journal.set(...taskRecord(task))
    }
    return { codes: stored, journal }
  }

  revert({ hashes }: CodeRequest): void {
    for (const hash of hashes) {
      this.#inFlight.delete(hash)
      this.#open.add(hash)
    }
  }
}
