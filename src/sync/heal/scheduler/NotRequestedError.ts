import { CambiumError } from '../../../base/CambiumError.ts'

/** A node or a code that nobody waits for: never asked for, or its part of the trie is complete by now. */
export class NotRequestedError extends CambiumError {
  /** @param what names it: `'node at 07'`, `'code 0x…'` */
  constructor(what: string) {
    super('NOT_REQUESTED', `${what} was not requested`)
  }
}
