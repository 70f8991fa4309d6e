import type { NodeReference } from './TrieNode.ts'

const HASH_HEADER = 0xa0

/** The reference to a node by its 32-byte hash. */
export function hashReference(hash: Uint8Array): NodeReference {
  const reference = new Uint8Array(33)
  reference[0] = HASH_HEADER
  reference.set(hash, 1)
  return reference
}

/** The hash in a reference: a view; `undefined` where the node is embedded. */
export function referencedHash(reference: NodeReference): Uint8Array | undefined {
  return reference[0] === HASH_HEADER ? reference.subarray(1) : undefined
}
