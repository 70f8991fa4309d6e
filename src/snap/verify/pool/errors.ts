import { CambiumError } from '../../../base/CambiumError.ts'

/** A further worker does not verify answers, or no longer does. The sync continues without it. */
export class VerifierLostError extends CambiumError {
  /** Which of the workers: the engine is 1. */
  readonly id: number

  constructor(id: number, reason: string) {
    super('VERIFIER_LOST', `verifier ${id} is not used any more: ${reason}`)
    this.id = id
  }
}
