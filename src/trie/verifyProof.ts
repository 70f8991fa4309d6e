import { bytesToHex } from '@noble/hashes/utils.js'
import { emptyRoot } from '../account/emptyHashes.ts'
import { compareBytes } from '../base/bytes/compareBytes.ts'
import { bytesToNibbles } from './nibbles.ts'
import { walkPath } from './walkPath.ts'

/**
 * Checks the Merkle proof of one key, such as one of `eth_getProof` (EIP-1186).
 *
 * @param root 32 bytes
 * @param key the whole key: for an account, the hash of its address
 * @param proof the nodes from the root to the key, in any order; of the empty trie, none
 * @param keccak256 the hash
 * @returns the value (a view of the proof), or `undefined` where the proof shows that the trie has
 *   no such key
 * @throws {MissingNodeError} when the proof does not reach the key
 * @throws {TrieNodeError} when one of its nodes on the way is malformed
 *
 * @example verifyProof(stateRoot, keccak256(address), accountProof, keccak256)
 */
export function verifyProof(
  root: Uint8Array,
  key: Uint8Array,
  proof: readonly Uint8Array[],
  keccak256: (input: Uint8Array) => Uint8Array,
): Uint8Array | undefined {
  if (compareBytes(root, emptyRoot()) === 0) return undefined
  const nodes = new Map(proof.map((node) => [bytesToHex(keccak256(node)), node]))
  const path = bytesToNibbles(key)
  const end = walkPath((hash) => nodes.get(bytesToHex(hash)), root, path).at(-1)!
  if (end.node.kind !== 'leaf') return undefined
  return compareBytes(end.node.path, path.subarray(end.depth)) === 0 ? end.node.value : undefined
}
