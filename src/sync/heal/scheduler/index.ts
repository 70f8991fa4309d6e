/**
 * Heals a trie of your own store: which nodes differ from the one under a root, in which order to ask for them, and what to
 * write when they come. `createStateSync` of `cambium` does all of this by itself.
 *
 * @packageDocumentation
 */

export type { NibblePath } from '../../../trie/nibbles.ts'
export { TrieNodeError } from '../../../trie/TrieNodeError.ts'
export { AlreadyProcessedError } from './AlreadyProcessedError.ts'
export { HashMismatchError } from './HashMismatchError.ts'
export type { MissingNodes } from './MissingNodes.ts'
export { NotRequestedError } from './NotRequestedError.ts'
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
