import { CambiumError } from '../base/CambiumError.ts'

/** No state can answer yet: none is completely stored and proven. */
export class StateIncompleteError extends CambiumError {
  /** @param root the one that must be complete; without it any */
  constructor(root?: string) {
    const what = root === undefined ? 'no state is' : `the state under ${root} is not`
    super('STATE_INCOMPLETE', `${what} complete: sync it first`)
  }
}
