import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { bytesToNibbles } from '../nibbles.ts'
import type { MemoryNode, TrieEntry } from './MemoryNode.ts'

/** The leaves of a trie with a key ≥ `from`, ascending. */
export function* leavesFrom(
  root: MemoryNode | undefined,
  from: Uint8Array,
): Generator<TrieEntry, void, undefined> {
  const ahead = subtriesFrom(root, from)
  for (let node = ahead.pop(); node !== undefined; node = ahead.pop()) {
    if (node.kind === 'leaf') yield node.entry
    else if (node.kind === 'extension') ahead.push(node.child)
    else pushChildren(ahead, node.children)
  }
}

/** The whole subtries that make up these leaves, the first one last. */
function subtriesFrom(root: MemoryNode | undefined, from: Uint8Array): MemoryNode[] {
  const ahead: MemoryNode[] = []
  const path = bytesToNibbles(from)
  let depth = 0
  for (let node = root; node !== undefined; ) {
    if (node.kind === 'branch') {
      const nibble = path[depth++] ?? 0
      pushChildren(ahead, node.children, nibble + 1)
      node = node.children[nibble]
      continue
    }
    const order =
      node.kind === 'leaf'
        ? compareBytes(node.entry[0], from)
        : compareBytes(node.path, path.subarray(depth, depth + node.path.length))
    if (node.kind === 'extension' && order === 0) {
      depth += node.path.length
      node = node.child
      continue
    }
    if (order >= 0) ahead.push(node)
    break
  }
  return ahead
}

function pushChildren(
  ahead: MemoryNode[],
  children: readonly (MemoryNode | undefined)[],
  least = 0,
): void {
  for (let nibble = 15; nibble >= least; nibble--) {
    const child = children[nibble]
    if (child !== undefined) ahead.push(child)
  }
}
