import type { AuditReport, Block, Progress, SyncStatus } from 'cambium'
import type { PeerRow } from './PeerList.ts'
import type { Round } from './PivotHistory.ts'
import { explain } from './render/explain.ts'
import type { SessionState } from './Session.ts'

/** All that the page knows, as JSON, for programs that drive it. */
export interface Snapshot {
  status: SyncStatus
  progress: Progress | undefined
  /**
   * Of blocks that are followed: the newest, the one whose state is synced, and the one whose state
   * answers.
   */
  head: Block | undefined
  pivot: Block | undefined
  block: Block | undefined
  /** The last pivots, and how many there were since the page was loaded, by what became of them. */
  rounds: { last: readonly Round[]; proven: number; left: number }
  transport: string | undefined
  peers: readonly PeerRow[]
  error: { code: string; title: string; message: string } | undefined
  /** What reading back and recomputing found; absent until it has. */
  audit: AuditReport | undefined
}

export function snapshot(state: SessionState): Snapshot {
  const error = state.error ?? state.refusal
  const { all: last, proven, left } = state.rounds
  const explained = error === undefined ? undefined : explain(error)
  return {
    status: state.status,
    progress: state.progress,
    head: state.head,
    pivot: state.pivot,
    block: state.block,
    rounds: { last, proven, left },
    transport: state.transport,
    peers: state.peers.rows,
    error: explained && {
      code: explained.code,
      title: explained.title,
      message: explained.message,
    },
    audit: typeof state.audit === 'object' ? state.audit : undefined,
  }
}
