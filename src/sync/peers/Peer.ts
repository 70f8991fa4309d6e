import type { SnapClient } from '../../snap/SnapClient.ts'
import type { PeerRate } from './PeerRate.ts'
import type { RequestWindow } from './RequestWindow.ts'
import type { WorkKind } from './WorkKind.ts'

/** One connection: how it is asked, and how fast it answers. */
export interface Peer {
  readonly client: SnapClient
  readonly rate: PeerRate
  readonly windows: Readonly<Record<WorkKind, RequestWindow>>
}
