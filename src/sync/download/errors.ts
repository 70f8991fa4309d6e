import { CambiumError } from '../../base/CambiumError.ts'

/** The first slots of a contract say nothing of how many there are. */
export class SlotEstimateError extends CambiumError {
  constructor(message: string) {
    super('SLOT_ESTIMATE', message)
  }
}
