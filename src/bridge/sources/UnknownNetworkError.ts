import { CambiumError } from '../../base/CambiumError.ts'
import { NETWORKS } from '../../chain/networks.ts'

/** A name that is none of the networks whose genesis state is known. */
export class UnknownNetworkError extends CambiumError {
  constructor(received: unknown) {
    const known = Object.keys(NETWORKS).join(', ')
    super('UNKNOWN_NETWORK', `unknown network ${JSON.stringify(received)}; known are ${known}`)
  }
}
