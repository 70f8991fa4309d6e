/**
 * Cambium: Ethereum state sync inside a browser tab. A wallet names a state root that it trusts, and gets the accounts,
 * storage and code under it from peers that it does not trust, proven in WebAssembly and kept in IndexedDB.
 *
 * This entry has no network of its own: peers come from `cambium/libp2p` or from any `PeerSource`.
 *
 * @packageDocumentation
 */
export { CambiumError } from './bytes/CambiumError.ts'
export { type Hex, HexError } from './bytes/hex.ts'
export { ClosedError } from './ClosedError.ts'
export { createStateSync } from './createStateSync.ts'
export { OptionsError } from './OptionsError.ts'
export type { StateSyncEvents, StateSyncHandle, SyncStatus } from './StateSyncHandle.ts'
export type { StateSyncOptions } from './StateSyncOptions.ts'
export type { FramePipe } from './snap/FramePipe.ts'
export type { AccountState, Verified } from './state/AccountState.ts'
export { NETWORKS, type Network, type NetworkName } from './state/networks.ts'
export type { AuditReport } from './sync/AuditReport.ts'
export type { Fault } from './sync/Fault.ts'
export type { ConnectionEvent, PeerSource } from './sync/PeerSource.ts'
export type { Phase, Progress } from './sync/Progress.ts'
export { TrustError } from './TrustError.ts'
export type { VerifierBuild } from './wasm/Verifier.ts'
