import { CambiumError } from '../../base/CambiumError.ts'

/** A sync was asked for that never began, because the state fetcher stopped first. */
export class StateFetcherStoppedError extends CambiumError {
  constructor() {
    super('STATE_FETCHER_STOPPED', 'the state fetcher stopped before this sync began')
  }
}
