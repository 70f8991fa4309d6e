import { CambiumError } from '../../base/CambiumError.ts'

/**
 * The stream of trusted headers broke, or ended before it told of any: there is nothing to follow.
 */
export class HeaderStreamError extends CambiumError {
  constructor(what: string, options?: { cause?: unknown }) {
    super('HEADER_STREAM', `the stream of trusted headers ${what}`, options)
  }
}

/** A sync was asked for that never began, because the state fetcher stopped first. */
export class StateFetcherStoppedError extends CambiumError {
  constructor() {
    super('STATE_FETCHER_STOPPED', 'the state fetcher stopped before this sync began')
  }
}
