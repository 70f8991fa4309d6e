import { decodeMessage, encodeMessage, type SnapRequest } from 'cambium/server'
import { LRUCache } from 'lru-cache'

/** Some 40,000 requests for accounts, or 200 of the longest for trie nodes. */
const MAX_BYTES = 16 * 2 ** 20

/** What is held beside a request: key, entry, links. */
const ENTRY_BYTES = 256

/**
 * What peers asked last, so that they can say of an answer that it was false. Of all peers
 * together, the oldest go first.
 */
export class RecentRequests {
  /**
   * Encoded: as objects, ten thousand paths of a byte each would take a hundred times of what they
   * are counted for.
   */
  readonly #requests = new LRUCache<string, Uint8Array>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ length }) => length + ENTRY_BYTES,
  })

  /** @param peer peer id */
  note(peer: string, request: SnapRequest): void {
    this.#requests.set(keyOf(peer, request.id), encodeMessage(request))
  }

  /** A request of this peer, once. */
  take(peer: string, id: bigint): SnapRequest | undefined {
    const key = keyOf(peer, id)
    const request = this.#requests.get(key)
    this.#requests.delete(key)
    return request && (decodeMessage(request) as SnapRequest)
  }
}

function keyOf(peer: string, id: bigint): string {
  return `${peer} ${id}`
}
