import { CambiumError } from '../../base/CambiumError.ts'

/** The stream of trusted headers broke, or ended before it told of any: there is nothing to follow. */
export class HeaderStreamError extends CambiumError {
  constructor(what: string, options?: { cause?: unknown }) {
    super('HEADER_STREAM', `the stream of trusted headers ${what}`, options)
  }
}
