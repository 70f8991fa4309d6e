import type { DropReason } from './BridgeMetrics.ts'

/** By the code of Cambium's errors, and the name of Yamux's. */
const REASONS: Readonly<Record<string, DropReason>> = {
  SLOW_PEER: 'slow',
  FLOODING_PEER: 'flood',
  FRAME_TOO_LARGE: 'oversized',
  PEER_PROTOCOL: 'protocol',
  HALF_OPEN_PEER: 'half-open',
  IDLE_PEER: 'idle',
  BANNED_PEER: 'banned',
  MUXER_FAULT: 'flood',
  InvalidFrameError: 'protocol',
  ReceiveWindowExceededError: 'protocol',
}

/** What a peer was dropped for; `undefined` where it just went, or the fault was not its own. */
export function dropReason(error: unknown): DropReason | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return REASONS[code] ?? REASONS[error.name]
}
