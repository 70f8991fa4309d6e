import { decodeCompactPath } from '../../../src/trie/compactPath.ts'
import { bytesToNibbles, type NibblePath } from '../../../src/trie/nibbles.ts'
import type { Exchange } from '../peers/TestPeers.ts'

/**
 * A trie node that a peer sent, and its place: in an account's storage trie, the account's 64
 * nibbles ‖ the path there.
 */
export interface ServedNode {
  path: NibblePath
  encoded: Uint8Array
}

/** The nodes of some answers, of peers that keep to the order and leave none out. */
export function healedNodes(exchanges: readonly Exchange[]): ServedNode[] {
  return exchanges.flatMap(({ request, response }) => {
    if (request.kind !== 'GetTrieNodes' || response?.kind !== 'TrieNodes') return []
    const paths = request.paths.flatMap(([first, ...inner]) => {
      if (inner.length === 0) return [decodeCompactPath(first!).path]
      const account = bytesToNibbles(first!)
      return inner.map((path) => Uint8Array.of(...account, ...decodeCompactPath(path).path))
    })
    return response.nodes.map((encoded, index) => ({ path: paths[index]!, encoded }))
  })
}
