import { RlpError } from '../rlp/errors.ts'
import { RlpReader } from '../rlp/RlpReader.ts'
import { decodeCompactPath } from './compactPath.ts'
import { TrieNodeError } from './errors.ts'
import type { NodeReference, TrieNode } from './TrieNode.ts'

/** An embedded node has at most this many bytes: from 32 on a hash stands for it. */
const EMBEDDED_LIMIT = 31

/**
 * Reads a node strictly: canonical RLP, canonical paths, the shape of a `TrieNode`. An embedded
 * child is only checked to be a short list; a walk that reaches it decodes it. Paths are copies;
 * references and values are views of `encoded`.
 *
 * @throws {TrieNodeError} for everything else
 */
export function decodeNode(encoded: Uint8Array): TrieNode {
  try {
    const outer = new RlpReader(encoded)
    const items = outer.list('node')
    outer.finish('node')
    const count = items.count(17)
    if (count === 17) return decodeBranch(items)
    if (count === 2) return decodeShort(items)
    throw new RlpError(`a node has 2 or 17 items, got ${count === 18 ? 'more' : count}`)
  } catch (error) {
    if (!(error instanceof RlpError)) throw error
    throw new TrieNodeError(error.message, encoded, { cause: error })
  }
}

function decodeBranch(items: RlpReader): TrieNode {
  const children = Array.from({ length: 16 }, () => decodeChild(items))
  items.string('value of a branch', 0)
  return { kind: 'branch', children }
}

function decodeShort(items: RlpReader): TrieNode {
  const { path, isLeaf } = decodeCompactPath(items.string('compact path'))
  if (isLeaf) {
    const value = items.string('value of a leaf')
    if (value.length === 0) throw new RlpError('a leaf has a value')
    return { kind: 'leaf', path, value }
  }
  const child = decodeChild(items)
  if (path.length === 0 || child === undefined) {
    throw new RlpError('an extension has a path and a child')
  }
  return { kind: 'extension', path, child }
}

/** The next item as a reference; `undefined` where it is the empty string. */
function decodeChild(items: RlpReader): NodeReference | undefined {
  const start = items.position
  const embedded = items.next()
  const contentSize = items.position - items.payload
  const reference = items.bytes.subarray(start, items.position)
  if (!embedded) {
    if (contentSize === 0) return undefined
    if (contentSize === 32) return reference
    throw new RlpError(`a hash has 32 bytes, got ${contentSize}`)
  }
  if (reference.length > EMBEDDED_LIMIT) {
    throw new RlpError(`an embedded node is shorter than a hash, got ${reference.length} bytes`)
  }
  return reference
}
