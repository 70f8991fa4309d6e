import { CambiumError } from 'cambium/server'

/** A stream of blocks that a bridge cannot make. */
export class BlocksError extends CambiumError {
  constructor(what: 'interval' | 'seed' | 'state', expected: string, received: unknown) {
    super('BLOCKS', `${what} of blocks must be ${expected}, got ${received}`)
  }
}

/** The directory with the bridge's keys cannot be read, written or understood. */
export class IdentityError extends CambiumError {
  constructor(path: string, why: string, options?: { cause?: unknown }) {
    super('IDENTITY', `bridge identity at ${path}: ${why}`, options)
  }
}
