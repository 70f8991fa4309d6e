import { CambiumError } from '../base/CambiumError.ts'

/**
 * A worker or port was given to `createStateSync` twice, or used before: an engine holds one state.
 */
export class EngineOpenError extends CambiumError {
  constructor(message: string) {
    super('ENGINE_OPEN', message)
  }
}
