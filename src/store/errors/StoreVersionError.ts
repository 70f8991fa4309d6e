import { StoreError } from './StoreError.ts'

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
