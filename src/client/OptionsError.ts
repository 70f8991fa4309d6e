import { CambiumError } from '../base/CambiumError.ts'

/** An option of `createStateSync` that cannot be used as it is. */
export class OptionsError extends CambiumError {
  constructor(message: string) {
    super('OPTIONS', message)
  }
}
