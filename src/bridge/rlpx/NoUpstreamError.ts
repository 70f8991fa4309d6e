import { CambiumError } from '../../base/CambiumError.ts'

/** None of the execution clients that a bridge is to ask can be reached when it starts. */
export class NoUpstreamError extends CambiumError {
  /** @param causes one for each */
  constructor(causes: readonly Error[]) {
    const reasons = causes.map(({ message }) => message).join('; ')
    super('NO_UPSTREAM', `no execution client can be reached: ${reasons}`, { cause: causes[0] })
  }
}
