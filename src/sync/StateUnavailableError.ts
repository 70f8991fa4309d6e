import { CambiumError } from '../bytes/CambiumError.ts'

/** A peer has nothing to give of what was asked for; it is asked for that kind again after a while, others meanwhile. */
export class StateUnavailableError extends CambiumError {
  constructor(peer: string, kind: string) {
    super('STATE_UNAVAILABLE', `${peer} has no ${kind} of this state`)
  }
}
