import { type Hex, toHex } from '../base/bytes/hex.ts'
import { CambiumError } from '../base/CambiumError.ts'

/** An account's code or storage does not have the hash that the state declares for it. */
export class AccountMismatchError extends CambiumError {
  constructor(account: string, what: 'code hash' | 'storage root', declared: Hex, computed: Hex) {
    super('ACCOUNT_MISMATCH', `account ${account} declares ${what} ${declared}, its is ${computed}`)
  }
}

/** A source does not have the state under this root (any more). */
export class UnknownRootError extends CambiumError {
  constructor(root: Uint8Array) {
    super('UNKNOWN_ROOT', `there is no state with the root ${toHex(root)}`)
  }
}
