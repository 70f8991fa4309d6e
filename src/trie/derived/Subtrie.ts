import type { NibblePath } from '../nibbles.ts'
import type { NodeReference } from '../TrieNode.ts'

/**
 * What the leaves of one stretch of the key space make up, wherever it hangs: a single leaf, or the
 * branch at which they part for the first time. Which node that is depends on where it hangs:
 * directly below its parent's path, or further down, with an extension between them or more key in
 * the leaf. Of no leaves: `undefined`. Paths begin at the trie's root.
 */
export type Subtrie =
  | { readonly kind: 'leaf'; readonly path: NibblePath; readonly value: Uint8Array }
  | { readonly kind: 'branch'; readonly path: NibblePath; readonly reference: NodeReference }

/** Whether a subtrie is a branch that stands right at a path. */
export function isBranchAt(subtrie: Subtrie | undefined, path: NibblePath): boolean {
  return subtrie?.kind === 'branch' && subtrie.path.length === path.length
}
