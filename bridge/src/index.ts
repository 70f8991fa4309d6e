export {
  AccountMismatchError,
  type BlockHeader,
  type BlockShape,
  type StateSize,
} from 'cambium/server'
export type { BlocksOptions } from './BlocksOptions.ts'
export type { BridgeEvent } from './BridgeEvent.ts'
export type { BridgeLogger } from './BridgeLogger.ts'
export type { BridgeState, HeldState, RelayedState, StateRelay } from './BridgeState.ts'
export type { Bridge, BridgeOptions } from './createBridge.ts'
export { createBridge } from './createBridge.ts'
export { BlocksError, IdentityError } from './errors.ts'
export { HostError, PortError } from './freePort.ts'
export type { BridgeLimits } from './limits/BridgeLimits.ts'
export { HeadFeed } from './peers/HeadFeed.ts'
export { EnodeError, NoUpstreamError, UpstreamError } from './rlpx/errors.ts'
export type { RlpxStateOptions } from './rlpx/rlpxState.ts'
export { rlpxState } from './rlpx/rlpxState.ts'
export type { UpstreamTimings } from './rlpx/Upstream.ts'
export type { UpstreamEvent } from './rlpx/UpstreamEvent.ts'
export { StateFileError, StateRootMismatchError, UnknownNetworkError } from './sources/errors.ts'
export { fileSource } from './sources/fileSource.ts'
export { genesisSource } from './sources/genesisSource.ts'
