import TinyQueue from 'tinyqueue'
import { compareBytes } from '../../../base/bytes/compareBytes.ts'
import type { SyncRequest } from './SyncRequest.ts'

/**
 * What is wanted and not requested, in the order to request it: deeper first, which closes requests
 * before it opens more; then from left to right. Holds back where too many of one depth are under
 * way, so that wide tries are finished in parts.
 */
export class RequestQueue {
  readonly #queue = new TinyQueue<SyncRequest>([], compareRequests)
  readonly #fetchesPerDepth: number
  /** By depth: how many are requested and not done. */
  readonly #fetches: number[] = []

  /** @param fetchesPerDepth how many of one depth may be requested and not done */
  constructor(fetchesPerDepth: number) {
    this.#fetchesPerDepth = fetchesPerDepth
  }

  push(request: SyncRequest): void {
    this.#queue.push(request)
  }

  /**
   * Takes the next request; `undefined` if none waits, or if its depth has as many as it may have.
   */
  take(): SyncRequest | undefined {
    const request = this.#queue.peek()
    if (request === undefined) return undefined
    const fetches = this.#fetches[request.path.length] ?? 0
    if (fetches >= this.#fetchesPerDepth) return undefined
    this.#fetches[request.path.length] = fetches + 1
    request.state = 'requested'
    return this.#queue.pop()
  }

  /** A request that was taken is done. */
  done({ path }: SyncRequest): void {
    this.#fetches[path.length]!--
  }
}

function compareRequests(a: SyncRequest, b: SyncRequest): number {
  return b.path.length - a.path.length || compareBytes(a.path, b.path)
}
