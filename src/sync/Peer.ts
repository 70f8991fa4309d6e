import type { SnapClient } from '../snap/SnapClient.ts'
import type { Pipeline } from './Pipeline.ts'
import type { PeerRate } from './rate/PeerRate.ts'
import type { WorkKind } from './WorkKind.ts'

/** One connection: how it is asked, and how fast it answers. */
export interface Peer {
  readonly client: SnapClient
  readonly rate: PeerRate
  readonly pipelines: Readonly<Record<WorkKind, Pipeline>>
}
