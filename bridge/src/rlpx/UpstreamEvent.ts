/**
 * What happens between a bridge and an execution client, for people to see. `upstream`: how its
 * address is shown.
 */
export type UpstreamEvent =
  /** `client`: what it calls itself; `head`: number of its newest block. */
  | { type: 'connected'; upstream: string; client: string; head: number }
  /** The connection ended, or none came about; the next try follows after `inMs`. */
  | { type: 'lost'; upstream: string; reason: string; inMs: number }
