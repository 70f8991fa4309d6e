import { concatBytes } from '@noble/hashes/utils.js'
import { decodeNode } from '../../../../trie/decodeNode.ts'
import { TrieNodeError } from '../../../../trie/errors.ts'
import type { NibblePath } from '../../../../trie/nibbles.ts'
import { referencedHash } from '../../../../trie/nodeReference.ts'
import type { NodeReference } from '../../../../trie/TrieNode.ts'

/** A child that has a hash, and so comes on its own. */
export interface FrontierNode {
  path: NibblePath
  hash: Uint8Array
}

/** A leaf that is in the node itself. */
export interface FrontierLeaf {
  /** The whole key. */
  path: NibblePath
  value: Uint8Array
}

/**
 * What lies right below a node: its leaves, and its children that have a hash, ascending. Embedded
 * nodes, being part of it, are looked through. Hashes and values are views of `encoded`.
 *
 * @param path where the node stands
 * @param end how many nibbles the path of every leaf has
 * @throws {TrieNodeError} when the node is malformed, or its paths do not add up to `end`
 */
export function frontier(
  encoded: Uint8Array,
  path: NibblePath,
  end: number,
): (FrontierNode | FrontierLeaf)[] {
  const node = decodeNode(encoded)
  if (node.kind === 'leaf') {
    if (path.length + node.path.length !== end) {
      throw new TrieNodeError('leaf with a key of another length', encoded)
    }
    return [{ path: concatBytes(path, node.path), value: node.value }]
  }
  const tail = node.kind === 'branch' ? 1 : node.path.length
  // Below a branch a leaf may have nothing left of its key; below an extension there is a branch,
  // which needs one nibble.
  if (path.length + tail + (node.kind === 'branch' ? 0 : 1) > end) {
    throw new TrieNodeError(`${node.kind} below the end of a key`, encoded)
  }
  if (node.kind === 'extension') {
    return below(node.child, concatBytes(path, node.path), end)
  }
  return node.children.flatMap((child, nibble) =>
    child === undefined ? [] : below(child, concatBytes(path, Uint8Array.of(nibble)), end),
  )
}

/**
 * One child, or what lies below it where it is embedded: at most some ten deep, as each is shorter
 * than its parent.
 */
function below(
  reference: NodeReference,
  path: NibblePath,
  end: number,
): (FrontierNode | FrontierLeaf)[] {
  const hash = referencedHash(reference)
  return hash === undefined ? frontier(reference, path, end) : [{ path, hash }]
}
