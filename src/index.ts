/**
 * Cambium: Ethereum state sync inside a browser tab. A wallet names a state root that it trusts, and gets the accounts,
 * storage and code under it from peers that it does not trust, proven in WebAssembly and kept in IndexedDB.
 *
 * This entry has no network of its own: peers come from `cambium/libp2p` or from any `PeerSource`.
 *
 * @packageDocumentation
 */
export { CambiumError } from './base/CambiumError.ts'
export { type Hex, HexError } from './base/hex.ts'
export { ClosedError } from './ClosedError.ts'
export type { Block } from './chain/Block.ts'
export { NETWORKS, type Network, type NetworkName } from './chain/networks.ts'
export type { TrustedHeader } from './chain/TrustedHeader.ts'
export { createStateSync } from './createStateSync.ts'
export { OptionsError } from './OptionsError.ts'
export type { FramePipe } from './pipes/FramePipe.ts'
export type { ConnectionEvent, PeerSource } from './pipes/PeerSource.ts'
export type { AccountState, Verified } from './reads/AccountState.ts'
export type { StateSyncEvents, StateSyncHandle, SyncStatus } from './StateSyncHandle.ts'
export type { StateSyncOptions } from './StateSyncOptions.ts'
export type { AuditReport } from './sync/AuditReport.ts'
export type { Fault } from './sync/Fault.ts'
export type { HealedCounts, HealingCounts, Phase, Progress, SyncedCounts } from './sync/Progress.ts'
export { TrustError } from './TrustError.ts'
export type { NibblePath } from './trie/nibbles.ts'
export { AlreadyProcessedError } from './trie/sync/AlreadyProcessedError.ts'
export { type ClearedRange, clearedRanges } from './trie/sync/clearedRanges.ts'
export { HashMismatchError } from './trie/sync/HashMismatchError.ts'
export type { MissingNodes } from './trie/sync/MissingNodes.ts'
export { NotRequestedError } from './trie/sync/NotRequestedError.ts'
export { newStateSync } from './trie/sync/newStateSync.ts'
export type { OnLeaf, SyncedLeaf } from './trie/sync/SyncedLeaf.ts'
export type {
  ClearOperation,
  CodeOperation,
  LeafOperation,
  NodeOperation,
  OpenOperation,
  SyncOperation,
} from './trie/sync/SyncOperation.ts'
export type { TrieSyncOptions } from './trie/sync/TrieSyncOptions.ts'
export type { TrieSyncStore } from './trie/sync/TrieSyncStore.ts'
export { type PathSets, toPathSets } from './trie/sync/toPathSets.ts'
export { TrieNodeError } from './trie/TrieNodeError.ts'
export { TrieSync } from './trie/TrieSync.ts'
export type { VerifierBuild } from './verifier/Verifier.ts'
