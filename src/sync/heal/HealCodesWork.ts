import type { RequestOptions, SnapClient } from '../../snap/SnapClient.ts'
import type { ByteCodes } from '../../snap/SnapMessage.ts'
import { CodeMismatchError } from '../../snap/verify/errors.ts'
import { matchAnswer } from '../../snap/verify/matchAnswer.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { Work } from '../loop/Work.ts'
import { takeIn } from './batch/takeIn.ts'
import type { HealJob } from './HealJob.ts'

export interface HealCodesRequest {
  hashes: readonly Uint8Array[]
}

/**
 * The reference's figures: 84 codes of a quarter of the largest (24 KiB, EIP-170) are what an
 * answer may hold.
 */
const MAX_CODES = 84
const ANSWER_BYTES = 512 * 1024

/** Fetches the codes that healing misses. */
export class HealCodesWork implements Work<HealCodesRequest, ByteCodes> {
  readonly kind = 'healCodes'
  readonly #job: HealJob

  constructor(job: HealJob) {
    this.#job = job
  }

  /** @param capacity codes that the peer can deliver in time */
  assign(capacity: number): HealCodesRequest | undefined {
    const hashes = this.#job.queue.takeCodes(Math.min(Math.max(capacity, 1), MAX_CODES))
    return hashes.length === 0 ? undefined : { hashes }
  }

  send(
    client: SnapClient,
    { hashes }: HealCodesRequest,
    options?: RequestOptions,
  ): Promise<ByteCodes> {
    return client.getByteCodes({ hashes, bytes: ANSWER_BYTES }, options)
  }

  /**
   * @throws {CodeMismatchError} when a code is none of those that were asked for, in their order
   */
  async accept(request: HealCodesRequest, { codes }: ByteCodes): Promise<StoreBatch | undefined> {
    const { sync, queue, verifier, counts } = this.#job
    const { hashes } = request
    const toError = (digest: Uint8Array) => new CodeMismatchError(digest)
    const matched = matchAnswer(hashes, codes, verifier, toError)
    if (codes.length === 0) {
      this.revert(request)
      return undefined
    }
    queue.returnCodes(hashes.filter((_, index) => matched[index] === undefined))
    for (const [index, hash] of hashes.entries()) {
      const code = matched[index]
      if (code === undefined) continue
      if (!(await takeIn(counts, () => sync.processCode(hash, code, hash)))) continue
      counts.codes++
      counts.codeBytes += code.length
    }
    return this.#job.batch()
  }

  revert({ hashes }: HealCodesRequest): void {
    this.#job.queue.returnCodes(hashes)
  }
}
