import { CambiumError } from '../base/CambiumError.ts'

/** A request that is well-formed but that snap/1 does not allow, as one with an empty path set. */
export class SnapRequestError extends CambiumError {
  constructor(message: string) {
    super('SNAP_REQUEST', message)
  }
}
