import { CambiumError } from 'cambium/server'

/** The command line, or the environment, is not one that the command understands. */
export class UsageError extends CambiumError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('USAGE', `${message} (--help lists the options)`, options)
  }
}
