import { CambiumError } from '../bytes/CambiumError.ts'

/** The stored state cannot be removed while another tab is syncing it: pause it there first. */
export class StateBusyError extends CambiumError {
  constructor() {
    super('STATE_BUSY', 'another tab is syncing this state: pause it there first')
  }
}
