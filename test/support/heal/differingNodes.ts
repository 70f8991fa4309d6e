import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { ServedState, ServedTrie } from '../../../src/served/StateSource.ts'
import { nibblesToBytes } from '../../../src/sync/heal/scheduler/operations/nibblesToBytes.ts'
import { decodeNode } from '../../../src/trie/decodeNode.ts'
import type { NibblePath } from '../../../src/trie/nibbles.ts'

export interface NodeCount {
  nodes: number
  bytes: number
}

/**
 * The trie nodes of a state that another one does not have at the same place, in the account trie
 * and in the storage tries: what a heal must fetch at least. Walks no further than the states
 * differ.
 */
export function differingNodes(state: ServedState, other: ServedState): NodeCount {
  const count: NodeCount = { nodes: 0, bytes: 0 }
  compare(state.accounts, other.accounts, count, (key) => {
    compare(state.storage(key)!, other.storage(key), count, () => {})
  })
  return count
}

/** @param onLeaf hears of the keys of leaves in nodes that differ */
function compare(
  trie: ServedTrie,
  other: ServedTrie | undefined,
  count: NodeCount,
  onLeaf: (key: Uint8Array) => void,
): void {
  const visit = (path: NibblePath) => {
    const encoded = trie.node(path)
    if (!(encoded instanceof Uint8Array)) return
    const before = other?.node(path)
    if (before instanceof Uint8Array && compareBytes(encoded, before) === 0) return
    count.nodes++
    count.bytes += encoded.length
    const node = decodeNode(encoded)
    if (node.kind === 'leaf') onLeaf(nibblesToBytes(Uint8Array.of(...path, ...node.path)))
    if (node.kind === 'extension') visit(Uint8Array.of(...path, ...node.path))
    if (node.kind !== 'branch') return
    node.children.forEach((child, nibble) => {
      if (child !== undefined) visit(Uint8Array.of(...path, nibble))
    })
  }
  visit(new Uint8Array())
}
