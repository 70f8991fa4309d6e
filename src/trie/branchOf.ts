import { LeafOrderError } from '../leaves/errors.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import { keysAscend, leafKey, leafValue } from '../leaves/Leaves.ts'
import { encodeNode } from './encodeNode.ts'
import { bytesToNibbles, commonPrefixLength, type NibblePath } from './nibbles.ts'
import { hashReference } from './nodeReference.ts'
import type { NodeReference } from './TrieNode.ts'

/**
 * The reference of the branch at which leaves part, in JavaScript; see `Verifier.branchOf`.
 * @throws {LeafOrderError}
 */
export function branchOf(
  leaves: Leaves,
  keccak256: (input: Uint8Array) => Uint8Array,
): NodeReference {
  if (!keysAscend(leaves)) throw new LeafOrderError('keys of leaves do not ascend strictly')
  const paths: NibblePath[] = []
  for (let index = 0; index < leaves.count; index++) {
    if (leafValue(leaves, index).length === 0) {
      throw new LeafOrderError('an empty value among the leaves')
    }
    paths.push(bytesToNibbles(leafKey(leaves, index)))
  }
  const refer = (encoded: Uint8Array) =>
    encoded.length < 32 ? encoded : hashReference(keccak256(encoded))
  const depthOf = (from: number, to: number) => commonPrefixLength(paths[from]!, paths[to - 1]!)

  /** Leaves `from` to `to`, as the node that hangs at `depth`. */
  function hang(from: number, to: number, depth: number): NodeReference {
    const path = paths[from]!
    if (to - from === 1) {
      const value = leafValue(leaves, from)
      return refer(encodeNode({ kind: 'leaf', path: path.subarray(depth), value }))
    }
    const end = depthOf(from, to)
    const child = branch(from, to, end)
    if (end === depth) return child
    return refer(encodeNode({ kind: 'extension', path: path.subarray(depth, end), child }))
  }

  function branch(from: number, to: number, depth: number): NodeReference {
    const children: (NodeReference | undefined)[] = []
    for (let nibble = 0, start = from, end = from; nibble < 16; nibble++, start = end) {
      while (end < to && paths[end]![depth] === nibble) end++
      children.push(start === end ? undefined : hang(start, end, depth + 1))
    }
    return refer(encodeNode({ kind: 'branch', children }))
  }

  return branch(0, leaves.count, depthOf(0, leaves.count))
}
