import { compareBytes } from '../base/bytes/compareBytes.ts'
import type { NibblePath } from '../trie/nibbles.ts'
import type { NodeReference } from '../trie/TrieNode.ts'
import type { PathStep } from '../trie/walkPath.ts'

/** A whole subtrie beside a path, known by its place and its reference alone. */
export interface Stub {
  path: NibblePath
  reference: NodeReference
}

/** The subtries whose keys all come before `key`, ascending. `steps`: the walk to `key`. */
export function stubsBefore(steps: readonly PathStep[], key: NibblePath): Stub[] {
  // Deeper in the trie is closer to the key: from the root down is ascending on this side.
  return steps.flatMap((step) => stubsOf(step, key, -1))
}

/** The subtries whose keys all come after `key`, ascending. `steps`: the walk to `key`. */
export function stubsAfter(steps: readonly PathStep[], key: NibblePath): Stub[] {
  return steps.toReversed().flatMap((step) => stubsOf(step, key, 1))
}

/** The stubs at one node on one side: `-1` before the key, `1` after it. */
function stubsOf({ depth, node, reference }: PathStep, key: NibblePath, side: -1 | 1): Stub[] {
  if (node.kind === 'branch') {
    return node.children.flatMap((child, nibble) => {
      if (child === undefined || Math.sign(nibble - key[depth]!) !== side) return []
      const path = key.slice(0, depth + 1)
      path[depth] = nibble
      return [{ path, reference: child }]
    })
  }
  const { path } = node
  const order = compareBytes(path, key.subarray(depth, depth + path.length))
  return Math.sign(order) === side ? [{ path: key.slice(0, depth), reference }] : []
}
