import { CambiumError } from '../../base/CambiumError.ts'

/** A peer asked for nothing for a while, and its place was given to another. */
export class IdlePeerError extends CambiumError {
  constructor(peer: string, ms: number) {
    super('IDLE_PEER', `peer ${peer} asked for nothing for ${Math.round(ms)} ms, and others wait`)
  }
}
