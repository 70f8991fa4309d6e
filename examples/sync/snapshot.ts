import type { AuditReport, Progress, SyncStatus } from 'cambium'
import { explain } from './explain.ts'
import type { PeerRow } from './PeerList.ts'
import type { SessionState } from './Session.ts'

/** All that the page knows, as JSON, for programs that drive it. */
export interface Snapshot {
  status: SyncStatus
  progress: Progress | undefined
  transport: string | undefined
  peers: readonly PeerRow[]
  error: { code: string; title: string; message: string } | undefined
  /** What reading back and recomputing found; absent until it has. */
  audit: AuditReport | undefined
}

export function snapshot(state: SessionState): Snapshot {
  const error = state.error ?? state.refusal
  const explained = error === undefined ? undefined : explain(error)
  return {
    status: state.status,
    progress: state.progress,
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
