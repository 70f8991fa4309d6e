import { toHex } from '../base/bytes/hex.ts'
import type { AccountEntry } from './AccountEntry.ts'
import { AccountMismatchError } from './errors.ts'

/** @throws {AccountMismatchError} when an account declares another hash than what was computed */
export function expectDeclared(
  entry: AccountEntry,
  what: 'code hash' | 'storage root',
  computed: Uint8Array,
): void {
  const declared = what === 'code hash' ? entry.codeHash : entry.storageRoot
  if (declared !== undefined && declared !== toHex(computed)) {
    throw new AccountMismatchError(entry.name, what, declared, toHex(computed))
  }
}
