import { CambiumError } from '../base/CambiumError.ts'

/** Another tab is syncing the state that should be removed or audited: pause it there first. */
export class StateBusyError extends CambiumError {
  /** @param detail what is in the way */
  constructor(detail = 'pause it there first') {
    super('STATE_BUSY', `another tab is syncing this state: ${detail}`)
  }
}

/** No state can answer yet: none is completely stored and proven. */
export class StateIncompleteError extends CambiumError {
  /** @param root the one that must be complete; without it any */
  constructor(root?: string) {
    const what = root === undefined ? 'no state is' : `the state under ${root} is not`
    super('STATE_INCOMPLETE', `${what} complete: sync it first`)
  }
}
