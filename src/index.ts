/**
 * Cambium: Ethereum state sync inside a browser tab. A wallet names a state root that it trusts,
 * and gets the accounts, storage and code under it from peers that it does not trust, proven in
 * WebAssembly and kept in IndexedDB.
 *
 * This entry has no network of its own: peers come from `cambium/libp2p` or from any `PeerSource`.
 *
 * @packageDocumentation
 */

export { type Hex, HexError } from './base/bytes/hex.ts'
export { CambiumError } from './base/CambiumError.ts'
export type { Block } from './chain/Block.ts'
export { NETWORKS, type Network, type NetworkName } from './chain/networks.ts'
export type { TrustedHeader } from './chain/TrustedHeader.ts'
export { createStateSync } from './client/createStateSync.ts'
export { ClosedError, OptionsError } from './client/errors.ts'
export type { StateSyncEvents, StateSyncHandle, SyncStatus } from './client/StateSyncHandle.ts'
export type { StateSyncOptions } from './client/StateSyncOptions.ts'
export type { FramePipe } from './pipes/FramePipe.ts'
export type { ConnectionEvent, PeerSource } from './pipes/PeerSource.ts'
export type { AccountState, Verified } from './reads/AccountState.ts'
export type { AuditReport } from './sync/audit/AuditReport.ts'
export type { Fault } from './sync/peers/Fault.ts'
export type {
  HealedCounts,
  HealingCounts,
  Phase,
  Progress,
  SyncedCounts,
} from './sync/progress/Progress.ts'
export type { Stall, StallReason } from './sync/progress/Stall.ts'
export { TrustError } from './trust/errors.ts'
export type { VerifierBuild } from './verifier/Verifier.ts'
