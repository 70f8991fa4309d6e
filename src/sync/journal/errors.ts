import { CambiumError } from '../../base/CambiumError.ts'

/** A journal record that cannot be read; the part it speaks of starts again. */
export class JournalError extends CambiumError {
  /** Its name. */
  readonly record: string

  constructor(record: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super('JOURNAL', `journal record "${record}" is damaged: ${why}`, { cause })
    this.record = record
  }
}
