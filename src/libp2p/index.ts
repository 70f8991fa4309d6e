export type { BackOffOptions } from '../base/backOff.ts'
export { BackOffError } from '../base/backOff.ts'
export type { BlockHeader } from '../chain/Header.ts'
export { announcedHeads } from './announcedHeads.ts'
export type { Transport } from './bridgeAddresses.ts'
export { FloodingPeerError, FrameTooLargeError, MultiaddrError, SlowPeerError } from './errors.ts'
export type {
  Libp2pAddress,
  Libp2pBytes,
  Libp2pClose,
  Libp2pConnection,
  Libp2pMessage,
  Libp2pNode,
  Libp2pStream,
} from './Libp2pNode.ts'
export type { Libp2pPeersOptions } from './libp2pPeers.ts'
export { libp2pPeers } from './libp2pPeers.ts'
