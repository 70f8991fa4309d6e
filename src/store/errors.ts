import { CambiumError } from '../base/CambiumError.ts'

/** Root of every error of a store. */
export class StoreError extends CambiumError {}

/**
 * The database must be upgraded, and another tab that holds it open at an older version does not
 * let go of it.
 */
export class StoreBlockedError extends StoreError {
  constructor(database: string, heldVersion: number, wantedVersion: number) {
    super(
      'STORE_BLOCKED',
      `another tab holds database "${database}" open at schema version ${heldVersion}, ` +
        `which keeps it from becoming version ${wantedVersion}; close that tab and open again`,
    )
  }
}

/**
 * Why a store is closed: `close()` was called; another tab upgraded or deleted the database; or the
 * browser ended the connection (cleared site data, a lost disk).
 */
export type StoreClosedReason = 'closed' | 'upgraded' | 'deleted' | 'terminated'

const EXPLANATIONS: Record<StoreClosedReason, string> = {
  closed: 'it was closed here',
  upgraded: 'its database was upgraded elsewhere',
  deleted: 'its database was deleted elsewhere',
  terminated: 'the browser ended its connection',
}

/**
 * A store was used after it was closed. What had been committed is on disk, unless the database was
 * deleted.
 */
export class StoreClosedError extends StoreError {
  readonly reason: StoreClosedReason

  constructor(reason: StoreClosedReason, options?: { cause?: unknown }) {
    super('STORE_CLOSED', `the store is closed: ${EXPLANATIONS[reason]}`, options)
    this.reason = reason
  }
}

/** What was read from the database is not what a store writes. */
export class StoreCorruptError extends StoreError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('STORE_CORRUPT', message, options)
  }
}

/**
 * The database failed for a reason of its own, which is in `cause`. A commit that fails so has
 * written nothing.
 */
export class StoreFailedError extends StoreError {
  constructor(cause: unknown) {
    super('STORE_FAILED', `the database failed: ${String(cause)}`, { cause })
  }
}

/**
 * A value that a store was given cannot be stored or looked up: a key of the wrong size, leaves out
 * of order.
 */
export class StoreInputError extends StoreError {
  constructor(message: string) {
    super('STORE_INPUT', message)
  }
}

/**
 * The database is empty, though something was stored here: the browser lost it, or somebody deleted
 * it. Nothing of it is left, so all is fetched anew.
 */
export class StoreLostError extends StoreError {
  constructor() {
    super('STORE_LOST', 'the database was stored here before and is gone: all is fetched anew')
  }
}

/**
 * The browser ended the connection to the database, and another one was opened. Nothing is lost.
 */
export class StoreReopenedError extends StoreError {
  constructor() {
    super('STORE_REOPENED', 'the browser closed the database; it was opened again')
  }
}

/**
 * The browser grants no more space. Nothing of the batch was written, the store stays open: reads
 * work, and commits do as soon as there is room for them. Chromium may count the bytes of a refused
 * batch until it next tidies its files up, so that smaller ones can be refused as well.
 */
export class StoreQuotaError extends StoreError {
  constructor(cause: unknown) {
    super('STORE_QUOTA', `the origin's storage quota is used up: ${String(cause)}`, { cause })
  }
}

/**
 * IndexedDB cannot be opened: there is none (no browser), the page must not use it (a sandboxed
 * frame, the user's settings), or the browser failed each time; `cause` tells which. The store
 * `memory` works without it.
 */
export class StoreUnavailableError extends StoreError {
  constructor(cause: unknown) {
    super('STORE_UNAVAILABLE', `IndexedDB cannot be used here: ${String(cause)}`, { cause })
  }
}

/** The database was written by a newer Cambium. It is left as it is. */
export class StoreVersionError extends StoreError {
  readonly found: number
  readonly supported: number

  constructor(database: string, found: number, supported: number) {
    super(
      'STORE_VERSION',
      `database "${database}" has schema version ${found}, this version of Cambium knows up to ${supported}`,
    )
    this.found = found
    this.supported = supported
  }
}
