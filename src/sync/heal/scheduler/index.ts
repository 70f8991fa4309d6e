/**
 * Heals a trie of your own store: which nodes differ from the one under a root, in which order to
 * ask for them, and what to write when they come. `createStateSync` of `cambium` does all of this
 * by itself.
 *
 * @packageDocumentation
 */

export { TrieNodeError } from '../../../trie/errors.ts'
export type { NibblePath } from '../../../trie/nibbles.ts'
export { AlreadyProcessedError, HashMismatchError, NotRequestedError } from './errors.ts'
export type { MissingNodes } from './MissingNodes.ts'
export { newStateSync } from './newStateSync.ts'
export { type ClearedRange, clearedRanges } from './operations/clearedRanges.ts'
export type {
  ClearOperation,
  CodeOperation,
  LeafOperation,
  NodeOperation,
  OpenOperation,
  SyncOperation,
} from './operations/SyncOperation.ts'
export { type PathSets, toPathSets } from './paths/toPathSets.ts'
export type { LeafTarget, OnLeaf, SyncedLeaf } from './SyncedLeaf.ts'
export { TrieSync } from './TrieSync.ts'
export type { TrieSyncOptions } from './TrieSyncOptions.ts'
export type { TrieSyncStore } from './TrieSyncStore.ts'
