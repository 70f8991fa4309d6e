import { compareBytes } from '../../base/bytes/compareBytes.ts'
import type { Verifier } from '../../verifier/Verifier.ts'

/**
 * Finds for each hash that was asked for the item that a peer sent, by hashing the items. A peer
 * leaves out what it does not have, and keeps the order of the rest.
 *
 * @param onStranger makes the error for an item that is none of the hashes behind the one before
 *   it, of the item's digest
 * @returns one for each hash; `undefined` where it did not come
 */
export function matchAnswer(
  hashes: readonly Uint8Array[],
  items: readonly Uint8Array[],
  verifier: Pick<Verifier, 'keccak256Batch'>,
  onStranger: (digest: Uint8Array) => Error,
): (Uint8Array | undefined)[] {
  const digests = verifier.keccak256Batch(items)
  const matched: (Uint8Array | undefined)[] = hashes.map(() => undefined)
  let place = 0
  for (const [index, item] of items.entries()) {
    const digest = digests.subarray(index * 32, (index + 1) * 32)
    while (place < hashes.length && compareBytes(hashes[place]!, digest) !== 0) place++
    if (place === hashes.length) throw onStranger(digest)
    matched[place++] = item
  }
  return matched
}
