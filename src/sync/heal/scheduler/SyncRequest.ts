import type { NibblePath } from '../../../trie/nibbles.ts'
import type { FrontierLeaf, FrontierNode } from './paths/frontier.ts'
import type { OnLeaf } from './SyncedLeaf.ts'

/** A trie that is synced: the one under the root, or one below a leaf. */
export interface SyncTrie {
  /** Nibbles of the path at which its root stands. */
  base: number
  onLeaf: OnLeaf | undefined
}

/** A node that is wanted, until it is committed. */
export interface NodeRequest {
  kind: 'node'
  path: NibblePath
  hash: Uint8Array
  trie: SyncTrie
  parent: NodeRequest | undefined
  /** How many nodes and codes below it are not committed. */
  dependencies: number
  state: 'queued' | 'requested' | 'processing' | 'waiting'
  /** Sub-tries that became empty. */
  emptied: NibblePath[]
  encoded: Uint8Array | undefined
  frontier: readonly (FrontierNode | FrontierLeaf)[]
}

/** A code that is wanted, until it has come. */
export interface CodeRequest {
  kind: 'code'
  /** Of the account for which it was first wanted. */
  path: NibblePath
  hash: Uint8Array
  parents: Set<NodeRequest>
  state: 'queued' | 'requested'
}

export type SyncRequest = NodeRequest | CodeRequest
