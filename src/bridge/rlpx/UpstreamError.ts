import { CambiumError } from '../../base/CambiumError.ts'

/** An execution client cannot be reached, does not speak what is needed, or broke the protocol. */
export class UpstreamError extends CambiumError {
  /** @param upstream what people see of its address */
  constructor(upstream: string, why: string, options?: { cause?: unknown }) {
    super('UPSTREAM', `upstream ${upstream}: ${why}`, options)
  }
}
