import { StoreError } from './StoreError.ts'

/** The database must be upgraded, and another tab that holds it open at an older version does not let go of it. */
export class StoreBlockedError extends StoreError {
  constructor(database: string, heldVersion: number, wantedVersion: number) {
    super(
      'STORE_BLOCKED',
      `another tab holds database "${database}" open at schema version ${heldVersion}, ` +
        `which keeps it from becoming version ${wantedVersion}; close that tab and open again`,
    )
  }
}
