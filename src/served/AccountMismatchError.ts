import { CambiumError } from '../base/CambiumError.ts'
import type { Hex } from '../base/hex.ts'

/** An account's code or storage does not have the hash that the state declares for it. */
export class AccountMismatchError extends CambiumError {
  constructor(account: string, what: 'code hash' | 'storage root', declared: Hex, computed: Hex) {
    super('ACCOUNT_MISMATCH', `account ${account} declares ${what} ${declared}, its is ${computed}`)
  }
}
