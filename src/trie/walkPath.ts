import { decodeNode } from './decodeNode.ts'
import { MissingNodeError, TrieNodeError } from './errors.ts'
import { commonPrefixLength, type NibblePath } from './nibbles.ts'
import { hashReference, referencedHash } from './nodeReference.ts'
import type { NodeReference, TrieNode } from './TrieNode.ts'

/** Where the nodes of a trie are found by their 32-byte hash. */
export type NodeSource = (hash: Uint8Array) => Uint8Array | undefined

/** One node on the way to a key. */
export interface PathStep {
  /** How many nibbles of the key lie above the node. */
  depth: number
  node: TrieNode
  encoded: Uint8Array
  /** How the node appears in its parent; for the root, by its hash. */
  reference: NodeReference
}

/**
 * Goes from the root of a trie down to a key, as far as there are nodes: to its leaf, or to the
 * node that shows that the key is absent. At most one step per nibble of the key.
 *
 * @param key the whole key in nibbles: all keys of the trie have its length
 * @throws {MissingNodeError} when the source does not have a node on the way
 * @throws {TrieNodeError} when a node on the way is malformed, or its paths do not add up to the
 *   length of a key
 */
export function walkPath(nodes: NodeSource, root: Uint8Array, key: NibblePath): PathStep[] {
  const steps: PathStep[] = []
  let reference: NodeReference | undefined = hashReference(root)
  let depth = 0
  while (reference !== undefined) {
    const hash = referencedHash(reference)
    const encoded: Uint8Array | undefined = hash === undefined ? reference : nodes(hash)
    if (encoded === undefined) throw new MissingNodeError(hash!)
    const node = decodeNode(encoded)
    steps.push({ depth, node, encoded, reference })
    if (node.kind === 'branch') {
      if (depth >= key.length) throw new TrieNodeError('branch below the end of a key', encoded)
      reference = node.children[key[depth]!]
      depth++
    } else if (node.kind === 'extension') {
      const end = depth + node.path.length
      if (end >= key.length) throw new TrieNodeError('extension below the end of a key', encoded)
      const common = commonPrefixLength(node.path, key.subarray(depth))
      reference = common === node.path.length ? node.child : undefined
      depth = end
    } else {
      if (depth + node.path.length !== key.length) {
        throw new TrieNodeError('leaf with a key of another length', encoded)
      }
      reference = undefined
    }
  }
  return steps
}
