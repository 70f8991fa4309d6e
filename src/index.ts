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
export type { Block } from './chain/Block.ts'
export { NETWORKS, type Network, type NetworkName } from './chain/networks.ts'
export type { TrustedHeader } from './chain/TrustedHeader.ts'
export { ClosedError } from './client/ClosedError.ts'
export { createStateSync } from './client/createStateSync.ts'
export { OptionsError } from './client/OptionsError.ts'
export type { StateSyncEvents, StateSyncHandle, SyncStatus } from './client/StateSyncHandle.ts'
export type { StateSyncOptions } from './client/StateSyncOptions.ts'
export type { FramePipe } from './pipes/FramePipe.ts'
export type { ConnectionEvent, PeerSource } from './pipes/PeerSource.ts'
export type { AccountState, Verified } from './reads/AccountState.ts'
export type { AuditReport } from './sync/audit/AuditReport.ts'
export { AlreadyProcessedError } from './sync/heal/scheduler/AlreadyProcessedError.ts'
export { HashMismatchError } from './sync/heal/scheduler/HashMismatchError.ts'
export type { MissingNodes } from './sync/heal/scheduler/MissingNodes.ts'
export { NotRequestedError } from './sync/heal/scheduler/NotRequestedError.ts'
export { newStateSync } from './sync/heal/scheduler/newStateSync.ts'
export { type ClearedRange, clearedRanges } from './sync/heal/scheduler/operations/clearedRanges.ts'
export type {
  ClearOperation,
  CodeOperation,
  LeafOperation,
  NodeOperation,
  OpenOperation,
  SyncOperation,
} from './sync/heal/scheduler/operations/SyncOperation.ts'
export { type PathSets, toPathSets } from './sync/heal/scheduler/paths/toPathSets.ts'
export type { OnLeaf, SyncedLeaf } from './sync/heal/scheduler/SyncedLeaf.ts'
export { TrieSync } from './sync/heal/scheduler/TrieSync.ts'
export type { TrieSyncOptions } from './sync/heal/scheduler/TrieSyncOptions.ts'
export type { TrieSyncStore } from './sync/heal/scheduler/TrieSyncStore.ts'
export type { Fault } from './sync/peers/Fault.ts'
export type {
  HealedCounts,
  HealingCounts,
  Phase,
  Progress,
  SyncedCounts,
} from './sync/progress/Progress.ts'
export type { NibblePath } from './trie/nibbles.ts'
export { TrieNodeError } from './trie/TrieNodeError.ts'
export { TrustError } from './trust/TrustError.ts'
export type { VerifierBuild } from './verifier/Verifier.ts'
