import { CambiumError } from '../base/CambiumError.ts'

/** Another tab is syncing the state that should be removed or audited: pause it there first. */
export class StateBusyError extends CambiumError {
  /** @param detail what is in the way */
  constructor(detail = 'pause it there first') {
    super('STATE_BUSY', `another tab is syncing this state: ${detail}`)
  }
}
