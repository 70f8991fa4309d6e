import type { FramePipe } from './FramePipe.ts'

/** What a peer source tells about its connections, for people to see. */
export type ConnectionEvent =
  | { type: 'connecting'; address: string }
  | { type: 'connected'; address: string; peer: string; transport: string }
  /** Closed here: the sync ended, and the peer is not needed any more. */
  | { type: 'closed'; address: string; peer: string }
  | { type: 'lost'; address: string; peer: string; reason: string }
  /** The next try follows after `inMs`. */
  | { type: 'retry'; address: string; reason: string; inMs: number }

/**
 * Brings peers. Called once per run of the sync: yields a pipe for every connection it makes, keeps
 * making them (again, with back-off, after a loss) until `signal` aborts, and then closes them.
 */
export type PeerSource = (options: {
  signal: AbortSignal
  onEvent: (event: ConnectionEvent) => void
}) => AsyncIterable<FramePipe>
