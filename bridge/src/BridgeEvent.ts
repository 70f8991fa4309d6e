import type { BlockHeader, SnapRequest } from 'cambium/server'

/** Something that happened to a peer of a bridge, for people to see. */
export type BridgeEvent =
  | { type: 'joined'; peer: string; transport: string }
  /** `reason` where the peer was refused or its connection broke. */
  | { type: 'left'; peer: string; transport: string; reason?: string }
  /** A peer says that the answer to a request of its was false. */
  | { type: 'refuted'; peer: string; kind: SnapRequest['kind'] }
  /** The state is that of another block. */
  | { type: 'head'; head: BlockHeader }
