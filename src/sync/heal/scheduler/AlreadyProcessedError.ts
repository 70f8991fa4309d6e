import { CambiumError } from '../../../base/CambiumError.ts'

/** A node or a code that came a second time. */
export class AlreadyProcessedError extends CambiumError {
  /** @param what names it: `'node at 07'`, `'code 0x…'` */
  constructor(what: string) {
    super('ALREADY_PROCESSED', `${what} was already processed`)
  }
}
