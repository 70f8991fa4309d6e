import { CambiumError } from '../bytes/CambiumError.ts'

/** The state cannot answer yet: it is not completely stored and proven. */
export class StateIncompleteError extends CambiumError {
  constructor(root: string) {
    super('STATE_INCOMPLETE', `the state under ${root} is not complete: sync it first`)
  }
}
