import { LRUCache } from 'lru-cache'
import { encodeMessage } from '../snap/encodeMessage.ts'
import type { SnapRequest } from '../snap/SnapMessage.ts'

/** Some 100,000 requests for accounts, or 200 of the longest for trie nodes. */
const MAX_BYTES = 16 * 2 ** 20

/** What is held beside a request. */
const ENTRY_BYTES = 160

/** What peers asked last, so that they can say of an answer that it was false. Of all peers together, the oldest go first. */
export class RecentRequests {
  readonly #requests = new LRUCache<string, SnapRequest>({ maxSize: MAX_BYTES })

  /** @param peer peer id */
  note(peer: string, request: SnapRequest): void {
    const size = ENTRY_BYTES + encodeMessage(request).length
    this.#requests.set(keyOf(peer, request.id), request, { size })
  }

  /** A request of this peer, once. */
  take(peer: string, id: bigint): SnapRequest | undefined {
    const key = keyOf(peer, id)
    const request = this.#requests.get(key)
    this.#requests.delete(key)
    return request
  }
}

function keyOf(peer: string, id: bigint): string {
  return `${peer} ${id}`
}
