/**
 * What a sync waits for while nothing moves.
 *
 * - `no-peer`: no peer is connected
 * - `state-unavailable`: every peer has answered that it has nothing of the state; the root may be
 *   older than 128 blocks, or of another chain
 * - `slow-peers`: answers are on their way
 * - `peers-rest`: some peers had nothing, the others answer too late
 * - `disk`: the database is writing
 * - `other-tab`: another tab syncs this state
 * - `no-header`: the stream of headers has named no block yet
 * - `audit`: an audit reads the state that a sync would change
 */
export type StallReason =
  | 'no-peer'
  | 'state-unavailable'
  | 'slow-peers'
  | 'peers-rest'
  | 'disk'
  | 'other-tab'
  | 'no-header'
  | 'audit'

/** What is waited for, and until when. */
export interface Wait {
  reason: StallReason
  /** Milliseconds until peers that rest are asked again. */
  restMs?: number
}

/**
 * A sync in which nothing has moved for three seconds; it ends by itself as soon as something does.
 */
export interface Stall {
  reason: StallReason
  /** When something moved last, in milliseconds since 1970. */
  since: number
  /** When peers that rest are asked again, in milliseconds since 1970; absent if none rests. */
  until?: number
}

/**
 * Nothing has to move for this long, in milliseconds, before a sync counts as stalled: a slow
 * link's pauses are shorter.
 */
export const STALL_AFTER_MS = 3_000

/** @param quietMs milliseconds for which nothing has moved */
export function stall({ reason, restMs }: Wait, quietMs: number): Stall {
  const now = Date.now()
  return { reason, since: now - quietMs, ...(restMs !== undefined && { until: now + restMs }) }
}
