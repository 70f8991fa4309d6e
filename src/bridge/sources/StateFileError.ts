import { CambiumError } from '../../base/CambiumError.ts'

/** A state file cannot be read, or what it holds is no state. */
export class StateFileError extends CambiumError {
  constructor(path: string, why: string, options?: { cause?: unknown }) {
    super('STATE_FILE', `state file ${path}: ${why}`, options)
  }
}
