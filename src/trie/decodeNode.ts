import { decodeCompactPath } from './compactPath.ts'
import { RlpReader } from './RlpReader.ts'
import type { NodeReference, TrieNode } from './TrieNode.ts'
import { TrieNodeError } from './TrieNodeError.ts'

/** An embedded node has at most this many bytes: from 32 on a hash is shorter. */
const EMBEDDED_LIMIT = 31

/**
 * Reads a node strictly: exactly what `encodeNode` makes of a node that keeps the rules of `TrieNode` is accepted,
 * embedded nodes included. Paths are copies; references and values are views of `encoded`.
 *
 * @throws {TrieNodeError} for everything else
 */
export function decodeNode(encoded: Uint8Array): TrieNode {
  const reader = new RlpReader().reset(encoded)
  if (!reader.next() || !reader.isList || !reader.done) {
    throw new TrieNodeError('not one RLP list', encoded)
  }
  reader.enter()
  const items: Uint8Array[] = []
  const contents: Uint8Array[] = []
  while (!reader.done) {
    if (items.length === 17) throw new TrieNodeError('more than 17 items', encoded)
    if (!reader.next()) throw new TrieNodeError(`item ${items.length} is no RLP`, encoded)
    items.push(reader.item())
    contents.push(reader.content())
  }
  if (items.length === 17) return decodeBranch(encoded, items)
  if (items.length === 2) return decodeShort(encoded, items, contents)
  throw new TrieNodeError(`${items.length} items instead of 2 or 17`, encoded)
}

function decodeBranch(encoded: Uint8Array, items: readonly Uint8Array[]): TrieNode {
  if (items[16]![0] !== 0x80) throw new TrieNodeError('branch has a value', encoded)
  const children: (NodeReference | undefined)[] = []
  let count = 0
  for (let nibble = 0; nibble < 16; nibble++) {
    const item = items[nibble]!
    if (item[0] === 0x80) {
      children.push(undefined)
    } else {
      children.push(decodeReference(encoded, item))
      count++
    }
  }
  if (count < 2) throw new TrieNodeError('branch has less than 2 children', encoded)
  return { kind: 'branch', children }
}

function decodeShort(
  encoded: Uint8Array,
  items: readonly Uint8Array[],
  contents: readonly Uint8Array[],
): TrieNode {
  if (items[0]![0]! >= 0xc0) throw new TrieNodeError('path is a list', encoded)
  const { path, isLeaf } = decodeCompactPath(contents[0]!)
  if (isLeaf) {
    if (items[1]![0]! >= 0xc0) throw new TrieNodeError('leaf value is a list', encoded)
    if (contents[1]!.length === 0) throw new TrieNodeError('leaf has no value', encoded)
    return { kind: 'leaf', path, value: contents[1]! }
  }
  if (path.length === 0) throw new TrieNodeError('extension has no path', encoded)
  const child = decodeReference(encoded, items[1]!)
  if (child[0]! >= 0xc0 && decodeNode(child).kind !== 'branch') {
    throw new TrieNodeError('extension leads to something else than a branch', encoded)
  }
  return { kind: 'extension', path, child }
}

function decodeReference(encoded: Uint8Array, item: Uint8Array): NodeReference {
  if (item[0] === 0xa0) return item
  if (item[0]! < 0xc0) throw new TrieNodeError('child is neither a hash nor a node', encoded)
  if (item.length > EMBEDDED_LIMIT) throw new TrieNodeError('embedded node is too long', encoded)
  // Ends after few steps: each level of embedding is shorter than the one around it.
  decodeNode(item)
  return item
}
