import { CambiumError } from '../base/CambiumError.ts'

/** A stream of blocks that a bridge cannot make. */
export class BlocksError extends CambiumError {
  constructor(what: 'interval' | 'seed' | 'state', expected: string, received: unknown) {
    super('BLOCKS', `${what} of blocks must be ${expected}, got ${received}`)
  }
}
