import { CambiumError } from 'cambium/server'

/**
 * A peer, or others at its address, made too many faults: all its connections are closed, and it is
 * refused for a while.
 */
export class BannedPeerError extends CambiumError {
  constructor(who: string) {
    super('BANNED_PEER', `${who} made too many faults`)
  }
}

/** A peer asked for nothing for a while, and its place was given to another. */
export class IdlePeerError extends CambiumError {
  constructor(peer: string, ms: number) {
    super('IDLE_PEER', `peer ${peer} asked for nothing for ${Math.round(ms)} ms, and others wait`)
  }
}

/** A peer sends frames that no multiplexer would: too long, or too many. */
export class MuxerFaultError extends CambiumError {
  constructor(detail: string) {
    super('MUXER_FAULT', `frames of a connection: ${detail}`)
  }
}

/** A limit that cannot be kept. */
export class LimitsError extends CambiumError {
  constructor(name: string, expected: string, received: unknown) {
    super('LIMITS', `limits.${name} must be ${expected}, got ${received}`)
  }
}
