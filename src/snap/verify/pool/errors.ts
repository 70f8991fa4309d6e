import { CambiumError } from '../../../base/CambiumError.ts'

/** A further worker that was to prove answers does not, or does no more. The sync goes on without it. */
export class VerifierLostError extends CambiumError {
  /** Which of the workers: the engine is 1. */
  readonly id: number

  constructor(id: number, reason: string) {
    super('VERIFIER_LOST', `verifier ${id} is not used any more: ${reason}`)
    this.id = id
  }
}
