import { encodeNode } from '../encodeNode.ts'
import { bytesToNibbles, type NibblePath } from '../nibbles.ts'
import type { NodeReference } from '../TrieNode.ts'

/** Key and value of one leaf. */
export type TrieEntry = readonly [key: Uint8Array, value: Uint8Array]

interface Shared {
  /** How the node appears in its parent. */
  readonly reference: NodeReference
  /** How many leaves there are in and below it. */
  readonly count: number
}

export interface MemoryLeaf extends Shared {
  readonly kind: 'leaf'
  readonly entry: TrieEntry
  /** How many nibbles of the key lie above the node. */
  readonly depth: number
}

export interface MemoryExtension extends Shared {
  readonly kind: 'extension'
  /** Never empty. */
  readonly path: NibblePath
  readonly child: MemoryBranch
}

export interface MemoryBranch extends Shared {
  readonly kind: 'branch'
  /** 16 places, at least two of them taken. */
  readonly children: readonly (MemoryNode | undefined)[]
}

/**
 * A node of a trie in memory, which holds what is below it and never changes, so that tries can
 * share it. Not its encoding: that is made again from the references of its children in
 * microseconds, and would be most of its memory.
 */
export type MemoryNode = MemoryLeaf | MemoryExtension | MemoryBranch

/** RLP of a node. */
export function encodeMemoryNode(
  node:
    | Omit<MemoryLeaf, keyof Shared>
    | Omit<MemoryExtension, keyof Shared>
    | Omit<MemoryBranch, keyof Shared>,
): Uint8Array {
  switch (node.kind) {
    case 'leaf': {
      const [key, value] = node.entry
      return encodeNode({ kind: 'leaf', path: bytesToNibbles(key).subarray(node.depth), value })
    }
    case 'extension':
      return encodeNode({ kind: 'extension', path: node.path, child: node.child.reference })
    case 'branch':
      return encodeNode({
        kind: 'branch',
        children: node.children.map((child) => child?.reference),
      })
  }
}
