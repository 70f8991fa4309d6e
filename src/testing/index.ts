/**
 * States and peers for tests of what is built on Cambium: no network, the same every time.
 *
 * @packageDocumentation
 */

export type { BlockHeader } from '../chain/Header.ts'
export { memoryPipes } from '../pipes/memoryPipes.ts'
export type { ChangeKind } from '../served/changing/blocks/blockChanges.ts'
export type { BlockShape, ChangingStateOptions } from '../served/changing/ChangingState.ts'
export { ChangingState } from '../served/changing/ChangingState.ts'
export {
  type MemoryState,
  type MemoryStateOptions,
  memoryState,
} from '../served/memoryState.ts'
export type { SnapServer } from '../snap/server/SnapServer.ts'
export type { SnapHandler } from '../snap/server/serveSnap.ts'
export { serveSnap } from '../snap/server/serveSnap.ts'
export { stateHandler } from '../snap/server/stateHandler.ts'
export { stateServer } from '../snap/server/stateServer.ts'
export { createVerifier } from '../verifier/createVerifier.ts'
export { statePeers } from './statePeers.ts'
export type { StateShape } from './synthetic/StateShape.ts'
export type { SyntheticState } from './synthetic/SyntheticState.ts'
export { syntheticAccounts } from './syntheticAccounts.ts'
export { type SyntheticStateOptions, syntheticState } from './syntheticState.ts'
